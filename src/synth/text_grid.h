// src/synth/text_grid.h
#pragma once

#include <span>
#include <string>

#include "synth/synth.h"

namespace kuchi::synth {

/// Praat's long text form with one interval tier "phones" that spans the clip; silence and pauses
/// are empty intervals, as Praat users write them.
std::string text_grid(std::span<const Phone> phones);

}  // namespace kuchi::synth
