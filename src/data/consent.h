#pragma once

#include <string>

#include "core/provenance.h"
#include "data/recipe.h"

namespace kuchi::data {

/// In a recipe's `consent`: it must be recorded before anything is prepared.
inline constexpr const char* kConsentRequired = "required";

/// The recipe's provenance with its consent settled: `given` (data.consent) where that says
/// anything, else the recipe's own.
/// UserError (config): the recipe says `required` and nothing was given (at its key), or what was
/// given is that word again, or no text (see check_provenance_text).
Provenance settle_consent(const Recipe& recipe, const std::string& given);

/// What the fields of every file can hold: UserError (config) if the text is not UTF-8, which JSON
/// asks for, or has a NUL, where HDF5 would cut it.
void check_provenance_text(const std::string& key, const std::string& text, const Location& at);

}  // namespace kuchi::data
