// One include for Catch2 2 and 3, so that a test does not care which the machine has.
#pragma once
#ifdef KUCHI_CATCH3
#include <catch2/catch_all.hpp>
using Catch::Approx;
#else
#include <catch2/catch.hpp>
#endif
