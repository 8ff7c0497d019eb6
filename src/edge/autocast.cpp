#include "edge/autocast.h"

#include <ATen/autocast_mode.h>

namespace kuchi::edge {

namespace autocast = at::autocast;

std::optional<c10::ScalarType> autocast_type(c10::DeviceType device) {
  if (!autocast::is_autocast_enabled(device)) return std::nullopt;
  return autocast::get_autocast_dtype(device);
}

Autocast::Autocast(c10::DeviceType device, std::optional<c10::ScalarType> type)
    : device_(device),
      was_on_(autocast::is_autocast_enabled(device)),
      was_type_(autocast::get_autocast_dtype(device)) {
  autocast::increment_nesting();
  autocast::set_autocast_enabled(device, type.has_value());
  if (type) autocast::set_autocast_dtype(device, *type);
}

Autocast::~Autocast() {
  if (autocast::decrement_nesting() == 0) autocast::clear_cache();
  autocast::set_autocast_enabled(device_, was_on_);
  autocast::set_autocast_dtype(device_, was_type_);
}

}  // namespace kuchi::edge
