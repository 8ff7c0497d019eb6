// A thread that is done with its part of a product waits for the others by spinning, by libgomp's
// default some milliseconds long. Beside another busy process the one that it waits for may not be
// running, and the spinning takes the time that it needs: small steps were ten times slower. So
// threads spin for microseconds only, and then sleep, unless the user's environment says otherwise.
//
// libgomp reads its environment once, in its constructor, and only what stands in .preinit_array
// runs before the constructors of shared libraries.
#include <cstdlib>

namespace {

void before_libraries(int, char**, char**) {
  if (std::getenv("OMP_WAIT_POLICY") == nullptr) setenv("GOMP_SPINCOUNT", "1000", /*overwrite=*/0);
}

[[gnu::section(".preinit_array"), gnu::used]] void (*const kFirst)(int, char**,
                                                                   char**) = before_libraries;

}  // namespace
