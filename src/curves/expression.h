// src/curves/expression.h
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/error.h"

namespace kuchi::curves {

/// A step of a stack machine that computes a formula: pushes a value, or takes the topmost values
/// and pushes what comes of them.
struct ExpressionStep {
  enum class Op {
    push_number,
    push_name,
    add,
    subtract,
    multiply,
    divide,  // by 0: 0
    negate,
    min,
    max,
    abs,
    clamp  // x, low, high
  };
  Op op;
  double number = 0;  // push_number
  size_t count = 0;   // push_name: which; min, max: how many arguments
};

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
  /// How it is computed, for those who compute with other values; none: 0.
  std::span<const ExpressionStep> steps() const;

 private:
  struct Program;
  std::string text_ = "0";
  std::vector<std::string> names_;
  std::shared_ptr<const Program> program_;
};

}  // namespace kuchi::curves
