#include "curves/expression.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <string_view>
#include <utility>

#include "core/text.h"

namespace kuchi::curves {
namespace {

constexpr size_t kLongestText = 10000;
constexpr int kDeepest = 64;         // nested parentheses, functions and signs
constexpr size_t kMostValues = 256;  // on the stack at a time

using Op = ExpressionStep::Op;
using Step = ExpressionStep;

struct Function {
  std::string_view name;
  Op op;
  size_t least, most;  // arguments
};
constexpr std::array<Function, 4> kFunctions = {{{"min", Op::min, 1, 100},
                                                 {"max", Op::max, 1, 100},
                                                 {"abs", Op::abs, 1, 1},
                                                 {"clamp", Op::clamp, 3, 3}}};

bool starts_name(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool in_number(char c) { return (c >= '0' && c <= '9') || c == '.'; }
bool in_name(char c) { return starts_name(c) || in_number(c); }

/// Recursive descent: sum → product → factor; emits steps for a stack machine.
class Parser {
 public:
  Parser(const std::string& text, const Location& at) : text_(text), where_(at) {}

  void parse() {
    if (text_.size() > kLongestText) fail("is too long");
    sum();
    skip_space();
    if (at_ != text_.size()) fail(cat("\"", text_[at_], "\" is not expected"));
  }

  std::vector<Step> steps;
  std::vector<std::string> names;

 private:
  [[noreturn]] void fail(const std::string& why) const {
    fail_config(where_, cat("formula \"", text_.substr(0, 120), "\": ", why, " at character ",
                            at_ + 1, "; use names, numbers, + - * /, (), min, max, abs, clamp"));
  }
  void skip_space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n')) {
      ++at_;
    }
  }
  bool accept(char c) {
    skip_space();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!accept(c)) fail(cat("\"", c, "\" is missing"));
  }
  void emit(Step step, int change) {
    height_ += change;
    if (height_ > static_cast<int>(kMostValues)) fail("needs too many values at a time");
    steps.push_back(step);
  }

  void sum() {
    product();
    for (;;) {
      if (accept('+')) {
        product();
        emit({Op::add}, -1);
      } else if (accept('-')) {
        product();
        emit({Op::subtract}, -1);
      } else {
        return;
      }
    }
  }
  void product() {
    factor();
    for (;;) {
      if (accept('*')) {
        factor();
        emit({Op::multiply}, -1);
      } else if (accept('/')) {
        factor();
        emit({Op::divide}, -1);
      } else {
        return;
      }
    }
  }
  void factor() {
    if (++depth_ > kDeepest) fail("is nested too deep");
    skip_space();
    const char c = at_ < text_.size() ? text_[at_] : '\0';
    if (accept('-')) {
      factor();
      emit({Op::negate}, 0);
    } else if (accept('+')) {
      factor();
    } else if (accept('(')) {
      sum();
      expect(')');
    } else if (in_number(c)) {
      number();
    } else if (starts_name(c)) {
      name_or_call();
    } else {
      fail(c == '\0' ? "a value is missing" : "a value is missing before this");
    }
    --depth_;
  }
  void number() {
    size_t end = at_;
    while (end < text_.size() && in_number(text_[end])) ++end;
    if (end < text_.size() && (text_[end] == 'e' || text_[end] == 'E')) {
      ++end;
      if (end < text_.size() && (text_[end] == '-' || text_[end] == '+')) ++end;
      while (end < text_.size() && in_number(text_[end])) ++end;
    }
    double value = 0;
    if (!parse_number(std::string_view(text_).substr(at_, end - at_), value)) {
      fail(cat("\"", text_.substr(at_, end - at_), "\" is no number"));
    }
    at_ = end;
    emit({Op::push_number, value}, 1);
  }
  void name_or_call() {
    size_t end = at_;
    while (end < text_.size() && in_name(text_[end])) ++end;
    const std::string name = text_.substr(at_, end - at_);
    const size_t name_at = at_;
    at_ = end;
    if (accept('(')) {
      call(name, name_at);
      return;
    }
    auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end()) found = names.insert(names.end(), name);
    emit({Op::push_name, 0, static_cast<size_t>(found - names.begin())}, 1);
  }
  void call(const std::string& name, size_t name_at) {
    const auto* function = std::find_if(kFunctions.begin(), kFunctions.end(),
                                        [&](const Function& f) { return f.name == name; });
    if (function == kFunctions.end()) {
      at_ = name_at;
      fail(cat("function \"", name, "\" is unknown"));
    }
    size_t arguments = 0;
    do {
      sum();
      ++arguments;
    } while (accept(','));
    expect(')');
    if (arguments < function->least || arguments > function->most) {
      fail(cat(name, " takes ", function->least, " arguments, has ", arguments));
    }
    emit({function->op, 0, arguments}, 1 - static_cast<int>(arguments));
  }

  const std::string& text_;
  const Location& where_;
  size_t at_ = 0;
  int depth_ = 0;
  int height_ = 0;  // of the stack when the steps so far have run
};

/// Applies one operator to the values on the stack's top; returns the new height.
size_t apply(const Step& step, double* stack, size_t height) {
  double* top = stack + height - 1;
  switch (step.op) {
    case Op::add:
      top[-1] += top[0];
      return height - 1;
    case Op::subtract:
      top[-1] -= top[0];
      return height - 1;
    case Op::multiply:
      top[-1] *= top[0];
      return height - 1;
    case Op::divide:
      // A curve at rest is often 0; a ratio of two such is 0, not a NaN that spreads.
      top[-1] = top[0] == 0 ? 0 : top[-1] / top[0];
      return height - 1;
    case Op::negate:
      *top = -*top;
      return height;
    case Op::abs:
      *top = std::abs(*top);
      return height;
    case Op::min:
    case Op::max: {
      double* first = stack + height - step.count;
      const auto ends = std::minmax_element(first, stack + height);
      *first = step.op == Op::min ? *ends.first : *ends.second;
      return height - step.count + 1;
    }
    case Op::clamp:
      top[-2] = std::max(top[-1], std::min(top[-2], top[0]));
      return height - 2;
    default:
      assert(false);
      return height;
  }
}

}  // namespace

struct Expression::Program {
  std::vector<Step> steps;
};

Expression::Expression() = default;

Expression Expression::parse(const std::string& text, const Location& at) {
  Parser parser(text, at);
  parser.parse();
  Expression expression;
  expression.text_ = text;
  expression.names_ = std::move(parser.names);
  expression.program_ = std::make_shared<const Program>(Program{std::move(parser.steps)});
  return expression;
}

std::span<const ExpressionStep> Expression::steps() const {
  if (!program_) return {};
  return program_->steps;
}

double Expression::evaluate(std::span<const double> values) const {
  if (!program_) return 0;
  assert(values.size() == names_.size());
  double stack[kMostValues];
  size_t height = 0;
  for (const Step& step : program_->steps) {
    if (step.op == Op::push_number) {
      stack[height++] = step.number;
    } else if (step.op == Op::push_name) {
      stack[height++] = values[step.count];
    } else {
      height = apply(step, stack, height);
    }
  }
  return stack[0];
}

}  // namespace kuchi::curves
