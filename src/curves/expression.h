// src/curves/expression.h
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/error.h"

namespace kuchi::curves {

/// A small formula over curve names, as rig files write it:
///   jawOpen - mouthClose;  max(mouth_suck_dl, mouth_suck_dr);  clamp(0.5*(a + b), 0, 1)
/// Operators + - * / and parentheses, numbers, names, min(…), max(…), abs(x), clamp(x, low, high).
/// x / 0 is 0: a ratio of two curves at rest is rest.
class Expression {
 public:
  Expression();  // the constant 0
  /// UserError (config) at `at` for anything malformed.
  static Expression parse(const std::string& text, const Location& at);

  const std::string& text() const { return text_; }
  /// The names used, each once, in order of appearance.
  const std::vector<std::string>& names() const { return names_; }
  /// values[i] stands for names()[i].
  double evaluate(std::span<const double> values) const;

 private:
  struct Program;
  std::string text_ = "0";
  std::vector<std::string> names_;
  std::shared_ptr<const Program> program_;
};

}  // namespace kuchi::curves
