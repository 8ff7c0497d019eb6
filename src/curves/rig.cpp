#include "curves/rig.h"

#include <cassert>
#include <unordered_map>

#include "core/text.h"

namespace kuchi::curves {

std::vector<std::string> Rig::names() const {
  std::vector<std::string> out;
  out.reserve(curves.size());
  for (const Curve& curve : curves) out.push_back(curve.name);
  return out;
}

int64_t Rig::index(std::string_view curve) const {
  const std::string wanted = plain_name(curve);
  for (size_t i = 0; i < curves.size(); ++i) {
    if (plain_name(curves[i].name) == wanted) return static_cast<int64_t>(i);
  }
  return -1;
}

std::vector<float> aperture(const Rig& rig, std::span<const float> values, int64_t frames) {
  const auto columns = static_cast<size_t>(rig.size());
  assert(values.size() == static_cast<size_t>(frames) * columns);
  std::vector<size_t> places;
  for (const auto& name : rig.aperture.names()) {
    const int64_t place = rig.index(name);
    assert(place >= 0);  // parse_rig saw to it
    places.push_back(static_cast<size_t>(place));
  }
  std::vector<float> out(static_cast<size_t>(frames));
  std::vector<double> arguments(places.size());
  for (size_t t = 0; t < out.size(); ++t) {
    for (size_t i = 0; i < places.size(); ++i) arguments[i] = values[t * columns + places[i]];
    out[t] = static_cast<float>(rig.aperture.evaluate(arguments));
  }
  return out;
}

}  // namespace kuchi::curves
