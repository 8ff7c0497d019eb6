#include <malloc.h>

#include <string>
#include <vector>

#include "cli/verbs.h"

namespace {

/// Every training step asks for the same blocks. What is freed is kept for the next one, up to a
/// gigabyte: blocks of megabytes would otherwise go back to the system each time, and their pages
/// be cleared anew.
void keep_freed_memory() {
#ifdef M_MMAP_THRESHOLD
  constexpr int kKept = 1 << 30;
  mallopt(M_MMAP_THRESHOLD, kKept);
  mallopt(M_TRIM_THRESHOLD, kKept);
#endif
}

}  // namespace

int main(int argc, char** argv) {
  keep_freed_memory();
  return kuchi::cli::run(std::vector<std::string>(argv, argv + argc));
}
