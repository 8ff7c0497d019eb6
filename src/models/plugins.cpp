#include "models/plugins.h"

#include <dlfcn.h>
#include <link.h>

#include <cstring>
#include <set>

#include "core/error.h"
#include "core/text.h"
#include "io/atomic_file.h"
#include "models/plugin.h"

namespace kuchi::models {
namespace {

namespace fs = std::filesystem;

/// What a plug-in says it was built from; "" where it says nothing. Read as text, since code of
/// another build must not run.
std::string abi_in(const std::string& bytes) {
  const auto begin = bytes.find(KUCHI_PLUGIN_MARK);
  if (begin == std::string::npos) return "";
  return printable(bytes.substr(begin, bytes.find('\0', begin) - begin));
}

/// The first part that differs: "headers 12, and this program from headers 34".
std::string difference(const std::string& theirs, const std::string& ours) {
  const auto a = split(theirs, '|'), b = split(ours, '|');
  for (size_t i = 0; i < b.size(); ++i) {
    if (i >= a.size() || a[i] != b[i]) {
      return cat(i < a.size() ? a[i] : "an unknown build", ", and this program from ", b[i]);
    }
  }
  return "another build";
}

/// False for a library that was cut off: the loader would run into its end, and be killed.
bool is_whole(const std::string& bytes) {
  ElfW(Ehdr) header;
  if (bytes.size() < sizeof header || bytes.compare(0, SELFMAG, ELFMAG) != 0) return false;
  std::memcpy(&header, bytes.data(), sizeof header);
  for (size_t i = 0; i < header.e_phnum; ++i) {
    ElfW(Phdr) part;
    const size_t at = header.e_phoff + i * sizeof part;
    if (at > bytes.size() || bytes.size() - at < sizeof part) return false;
    std::memcpy(&part, bytes.data() + at, sizeof part);
    if (part.p_offset > bytes.size() || bytes.size() - part.p_offset < part.p_filesz) return false;
  }
  return true;
}

void check_file(const fs::path& file) {
  const auto bytes = io::read_text(file);
  const auto abi = abi_in(bytes);
  if (abi.empty()) {
    fail_environment(cat(file.string(),
                         ": is no plug-in of Kuchi's: it holds no KUCHI_PLUGIN; docs/plugins.md "
                         "shows how one is built"));
  }
  if (abi != KUCHI_PLUGIN_ABI) {
    fail_environment(cat(file.string(), ": was built from ", difference(abi, KUCHI_PLUGIN_ABI),
                         "; build it again against this Kuchi"));
  }
  if (!is_whole(bytes)) {
    fail_environment(cat(file.string(),
                         ": cannot be loaded, since its end is missing; copy or "
                         "build it again"));
  }
}

}  // namespace

void load_plugin(const fs::path& file) {
  std::error_code ec;
  const auto path = fs::absolute(file, ec);  // a bare name would be sought as a system's library
  static std::set<fs::path> loaded;
  const auto real = fs::weakly_canonical(path, ec);
  if (loaded.count(real) > 0) return;
  check_file(file);
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);  // never closed: heads live in it
  if (library == nullptr) {
    const char* why = dlerror();
    fail_environment(cat(file.string(), ": cannot be loaded (", why == nullptr ? "?" : why,
                         "); build it again against this Kuchi"));
  }
  using Entry = void (*)(HeadList&);
  const auto entry = reinterpret_cast<Entry>(dlsym(library, "kuchi_register_heads"));
  if (entry == nullptr) {
    fail_environment(cat(file.string(), ": has no kuchi_register_heads; KUCHI_PLUGIN defines it"));
  }
  HeadList heads;
  entry(heads);
  register_heads(heads, path.lexically_normal().string());
  loaded.insert(real);
}

}  // namespace kuchi::models
