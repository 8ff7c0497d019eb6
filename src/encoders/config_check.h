// src/encoders/config_check.h
#pragma once

#include <functional>
#include <string>

#include "core/error.h"
#include "encoders/config.h"

namespace kuchi::encoders {

/// check() with a place for each of config.json's keys.
void check(const EncoderConfig& config, const std::function<Location(const std::string&)>& where);

}  // namespace kuchi::encoders
