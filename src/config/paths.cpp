#include "config/paths.h"

#include <cstdlib>

namespace kuchi::config {
namespace fs = std::filesystem;

fs::path config_dir() {
  if (const char* set = std::getenv("KUCHI_CONFIGS"); set != nullptr && *set != '\0') return set;
  std::error_code ec;
  const fs::path program = fs::read_symlink("/proc/self/exe", ec);
  for (fs::path dir = program.parent_path(); !ec && dir.has_relative_path();
       dir = dir.parent_path()) {
    if (fs::exists(dir / "share/kuchi/configs/base.yaml")) return dir / "share/kuchi/configs";
    if (fs::exists(dir / "configs/base.yaml")) return dir / "configs";
  }
#ifdef KUCHI_SOURCE_CONFIGS
  return KUCHI_SOURCE_CONFIGS;
#else
  return "configs";
#endif
}

fs::path cache_dir() {
  if (const char* set = std::getenv("KUCHI_CACHE"); set != nullptr && *set != '\0') return set;
  if (const char* xdg = std::getenv("XDG_CACHE_HOME"); xdg != nullptr && *xdg != '\0') {
    return fs::path(xdg) / "kuchi";
  }
  if (const char* home = std::getenv("HOME"); home != nullptr && *home != '\0') {
    return fs::path(home) / ".cache" / "kuchi";
  }
  return fs::temp_directory_path() / "kuchi-cache";
}

}  // namespace kuchi::config
