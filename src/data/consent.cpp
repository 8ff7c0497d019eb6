#include "data/consent.h"

#include "core/text.h"
#include "data/utf8.h"

namespace kuchi::data {
namespace {

bool is_required(const std::string& text) { return lower(trim(text)) == kConsentRequired; }

}  // namespace

Provenance settle_consent(const Recipe& recipe, const std::string& given) {
  Provenance out = recipe.provenance;
  if (!trim(given).empty()) {
    const Location at{"data.consent"};
    if (is_required(given)) {
      fail_config(
          at, cat("\"", given, "\" records nothing; ", "say what the recorded people agreed to"));
    }
    check_provenance_text("consent", given, at);
    out.consent = given;
  } else if (is_required(out.consent)) {
    fail_config(recipe.consent_at,
                "consent is required and none is recorded; write here what the recorded people "
                "agreed to, or give data.consent=\"…\"");
  }
  return out;
}

void check_provenance_text(const std::string& key, const std::string& text, const Location& at) {
  if (!is_utf8(text)) fail_config(at, cat(key, " is not UTF-8; save or type it as UTF-8"));
  if (text.find('\0') != std::string::npos) fail_config(at, cat(key, " has a NUL; remove it"));
}

}  // namespace kuchi::data
