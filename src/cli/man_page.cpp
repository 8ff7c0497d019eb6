// kuchi(1) from the same tables as --help and the reference.
#include <cctype>

#include "cli/outline.h"
#include "core/text.h"

namespace kuchi::cli {
namespace {

/// Text for roff: no backslash, hyphen or leading dot of ours means anything to it.
std::string roff(const std::string& text) {
  std::string out;
  bool line_start = true;
  for (const char c : text) {
    if (line_start && (c == '.' || c == '\'')) out += "\\&";
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else if (c == '\'') {
      out += "\\(aq";
    } else {
      out += c;
    }
    line_start = c == '\n';
  }
  return out;
}

/// "trains a model" → "Trains a model."
std::string sentence(std::string text) {
  if (!text.empty()) text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
  if (!text.empty() && text.back() != '.') text += '.';
  return text;
}

/// "Example:\n  kuchi …\n\nmore" → the lines of the example, as they are typed.
std::string example_lines(const std::string& footer) {
  const auto start = footer.find('\n');
  if (start == std::string::npos) return "";
  const auto lines = footer.substr(start + 1, footer.find("\n\n") - start - 1);
  return ".nf\n" + roff(lines) + "\n.fi\n";
}

std::string bold(const std::string& text) { return "\\fB" + roff(text) + "\\fR"; }
std::string italic(const std::string& text) { return "\\fI" + roff(text) + "\\fR"; }

std::string argument(const Outline::Option& o) {
  const std::string text = italic(o.name) + (o.repeats ? " ..." : "");
  return o.required ? text : "[" + text + "]";
}

/// A tagged paragraph for an option or argument.
std::string paragraph(const Outline::Option& o) {
  std::string tag = o.by_position ? italic(o.name) : bold(o.name);
  if (!o.short_name.empty()) tag = bold(o.short_name) + ", " + tag;
  if (!o.is_flag() && !o.by_position) tag += " " + italic(o.value);
  std::string help = roff(o.help);
  // Some texts name the words already.
  if (!o.choices.empty() && o.help.find(o.choices.front()) == std::string::npos) {
    help += (help.empty() ? "" : ": ") + roff(join(o.choices, ", "));
  }
  if (o.required && !o.by_position) help += " (must be given)";
  if (!o.default_text.empty()) help += " (default " + roff(o.default_text) + ")";
  return ".TP\n" + tag + "\n" + help + "\n";
}

std::string commands(const Outline& outline) {
  std::string out = ".SH COMMANDS\n";
  for (const auto& verb : outline.verbs) {
    std::string usage = bold("kuchi " + verb.name);
    std::string paragraphs;
    for (const auto& o : verb.options) {
      if (o.by_position) usage += " " + argument(o);
      if (o.required && !o.by_position) usage += " " + bold(o.name) + " " + italic(o.value);
      paragraphs += paragraph(o);
    }
    if (verb.takes_overrides) usage += " [" + italic("section.key=value") + " ...]";
    out += cat(".SS ", verb.name, "\n", usage, "\n.PP\n", roff(sentence(verb.help)), "\n",
               paragraphs, ".PP\nExample:\n.PP\n", example_lines(verb.example));
  }
  return out;
}

std::string configuration(const Outline& outline) {
  std::string out = ".SH CONFIGURATION\nA training is one YAML file; the key\n" +
                    italic("defaults") + "\nnames files to start from, later keys win, and\n" +
                    italic("section.key=value") + "\non the command line wins over all.\n";
  std::string section;
  for (const auto& key : outline.keys) {
    const std::string here = key.name.substr(0, key.name.rfind('.'));
    if (here != section) out += ".SS " + here + "\n";
    section = here;
    out += ".TP\n" + bold(key.name) + " (" + roff(key.type) + ", default " +
           roff(key.default_text) + ")\n" + roff(key.help) + "\n";
  }
  return out;
}

constexpr const char* kEnd = R"(.SH ENVIRONMENT
.TP
.B KUCHI_CONFIGS
the folder with the shipped configurations, instead of the one beside the program
.TP
.B KUCHI_CACHE
where data made on the fly are kept; else
.I kuchi/
under
.B XDG_CACHE_HOME
or
.I \(ti/.cache
.TP
.B KUCHI_LIBTORCH
the folder of LibTorch, for scripts, builds and the relocatable bundle
.SH EXIT STATUS
.TP
.B 0
done
.TP
.B 2
a mistake of configuration or usage
.TP
.B 3
a mistake in the data
.TP
.B 4
the training diverged
.TP
.B 5
the environment: no such device, no space, no LibTorch
.TP
.B 130
interrupted
)";

}  // namespace

std::string man_page(const Outline& outline, const std::string& version) {
  std::string out = ".\\\" Written by: kuchi config --man\n.TH KUCHI 1 \"\" \"kuchi " + version +
                    "\" \"User Commands\"\n.SH NAME\nkuchi \\- train audio\\-to\\-viseme models: "
                    "speech in, mouth curves out\n.SH SYNOPSIS\n" +
                    bold("kuchi") + " " + italic("COMMAND") + " [" + italic("ARGUMENT") +
                    " ...] [" + italic("section.key=value") + " ...] [" + italic("OPTION") +
                    " ...]\n";
  const auto& help = outline.program.help;  // "kuchi: trains …"
  out += ".SH DESCRIPTION\n" + roff(sentence(trim(help.substr(help.find(':') + 1)))) +
         "\n.PP\nProgress and notes go to standard error, results to standard output. Nothing is\n"
         "overwritten without " +
         bold("--force") + ".\n.SH OPTIONS\nEvery command takes these.\n";
  for (const auto& o : outline.program.options) out += paragraph(o);
  out += commands(outline) + configuration(outline) + kEnd;
  return out + ".SH EXAMPLES\n" + example_lines(outline.program.example);
}

}  // namespace kuchi::cli
