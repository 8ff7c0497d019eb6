// src/report/phone_tables.h
#pragma once

#include <ostream>

#include "eval/phones.h"

namespace kuchi::report {

/// By class: how often the target does what the class asks, and the prediction with it; then the
/// phones that more recordings would help most (`most` of them).
void print_phones(std::ostream& out, const eval::PhoneReport& report, size_t most = 12);

}  // namespace kuchi::report
