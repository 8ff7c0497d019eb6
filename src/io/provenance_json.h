// src/io/provenance_json.h
#pragma once

#include <nlohmann/json.hpp>

#include "core/provenance.h"

namespace kuchi::io {

/// All five fields as an object of texts, in the order of fields().
nlohmann::ordered_json to_json(const Provenance& provenance);

/// The inverse. Foreign files may use the key for something else: what is no object gives an empty
/// provenance, and a field that is no text counts as not stated.
Provenance provenance_from_json(const nlohmann::json& json);

}  // namespace kuchi::io
