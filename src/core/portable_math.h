// src/core/portable_math.h
#pragma once

/// Elementary functions from +, -, *, / and sqrt alone, so that every machine gives the same bits
/// (the last bit of a libm's exp or sin differs between machines). Double precision, relative
/// error at most 1e-12 over the ranges given; built with -ffp-contract=off.
namespace kuchi::portable {

inline constexpr double kPi = 3.14159265358979323846;

/// 0 under -708, infinity over 709.
double exp(double x);
/// x > 0 and normal; -infinity at 0, NaN below.
double log(double x);
/// |x| up to 1e5: error relative to 1 (not to the value near a zero crossing) at most 1e-12.
double sin(double x);
double cos(double x);
double tanh(double x);
/// x >= 0, |y · log x| up to 700; 0 at x = 0 (y > 0).
double pow(double x, double y);

/// 0 under 0, 1 over 1, and 3x² - 2x³ between: a soft step.
double smooth_step(double x);

}  // namespace kuchi::portable
