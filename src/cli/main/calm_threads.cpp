// A thread that is done with its part of a product waits for the others by spinning, by libgomp's
// default some milliseconds long. Beside another busy process the one that it waits for may not be
// running, and the spinning takes the time that it needs: small steps were ten times slower. So
// threads spin for microseconds only, and then sleep, unless the user's environment says otherwise.
//
// libgomp reads its environment once, in its constructor, so the variable has to be there when the
// program is loaded: where it is not, the program is loaded again with it, as the same process with
// the same arguments. That happens in .preinit_array, before the constructors of LibTorch, which
// are most of what loading costs; and before those of the C library, so nothing but system calls
// is used.
#include <limits.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

namespace {

constexpr char kCalm[] = "GOMP_SPINCOUNT=1000";

bool defines(const char* entry, const char* name) {
  const auto length = strlen(name);
  return strncmp(entry, name, length) == 0 && entry[length] == '=';
}

void load_calmly(int, char** argv, char** environment) {
  int count = 0;
  for (; environment[count] != nullptr; ++count) {
    const char* entry = environment[count];
    if (defines(entry, "GOMP_SPINCOUNT") || defines(entry, "OMP_WAIT_POLICY")) return;
  }
  if (getauxval(AT_BASE) == 0)
    return;  // the loader was started by name: it is what would run again
  char program[PATH_MAX];
  const auto length = readlink("/proc/self/exe", program, sizeof(program) - 1);
  if (length <= 0) return;
  program[length] = '\0';
  auto** with = static_cast<char**>(__builtin_alloca(sizeof(char*) * (count + 2)));
  memcpy(with, environment, sizeof(char*) * count);
  with[count] = const_cast<char*>(kCalm);
  with[count + 1] = nullptr;
  execve(program, argv, with);  // where that fails, threads spin
}

[[gnu::section(".preinit_array"), gnu::used]] void (*const kFirst)(int, char**,
                                                                   char**) = load_calmly;

}  // namespace
