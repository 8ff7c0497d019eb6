// src/core/interrupt.h
#pragma once

namespace kuchi {

/// Ctrl-C and SIGTERM ask: long work looks now and then, saves what it has and throws
/// Interrupted. A second Ctrl-C ends the process at once.
void install_interrupt_handler();
bool interrupted();
/// Throws UserError(Exit::interrupted) if asked to stop.
void check_interrupt();

}  // namespace kuchi
