#include "cli/post_option.h"

#include "config/schema.h"
#include "core/text.h"

namespace kuchi::cli {

void PostOption::add(CLI::App& verb) {
  verb.add_option("--post", said,
                  "an option of the section post: what is done to predicted curves, like "
                  "smooth=one_euro, snap_below=0.03, rest_after_s=0.5, clamp=true")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
}

post::Options PostOption::over(const post::Options& base) const {
  post::Options options = base;
  config::Schema schema;
  post::describe(schema.section("post"), options);
  std::vector<config::Assignment> all;
  for (const auto& text : said) {
    all.push_back(config::parse_override(text.rfind("post.", 0) == 0 ? text : "post." + text));
  }
  schema.apply(all);
  post::check(options, [&](const std::string& key) { return schema.origin(key); });
  return options;
}

}  // namespace kuchi::cli
