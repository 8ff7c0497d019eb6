#include "core/interrupt.h"

#include <csignal>
#include <cstdlib>

#include "core/error.h"

namespace kuchi {
namespace {
volatile std::sig_atomic_t g_interrupted = 0;
void on_signal(int) {
  if (g_interrupted != 0) std::_Exit(static_cast<int>(Exit::interrupted));
  g_interrupted = 1;
}
}  // namespace

void install_interrupt_handler() {
  std::signal(SIGINT, on_signal);
  std::signal(SIGTERM, on_signal);
  std::signal(SIGPIPE, SIG_IGN);  // a closed reader shows as a write error, not as death
}

bool interrupted() { return g_interrupted != 0; }

void check_interrupt() {
  if (interrupted()) throw UserError(Exit::interrupted, "interrupted; nothing was lost");
}

}  // namespace kuchi
