#include "core/temporary_folder.h"

#include <stdlib.h>

#include <cerrno>
#include <string>
#include <utility>

#include "core/error.h"
#include "core/text.h"

namespace kuchi {
namespace fs = std::filesystem;

TemporaryFolder::TemporaryFolder(std::string_view begin) {
  std::error_code ec;
  const auto where = fs::temp_directory_path(ec);
  if (ec) fail_environment("TMPDIR names no folder for temporary files; set it", ec.value());
  std::string name = (where / cat(begin, "-XXXXXX")).string();
  if (mkdtemp(name.data()) == nullptr) fail_environment(name + ": cannot make this folder", errno);
  path_ = std::move(name);
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

}  // namespace kuchi
