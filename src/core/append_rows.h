// src/core/append_rows.h
#pragma once

#include "core/matrix.h"

namespace kuchi {

/// Puts rows of as many columns below those of `to`.
template <typename T>
void append_rows(MatrixOf<T>& to, const MatrixOf<T>& more) {
  to.data.insert(to.data.end(), more.data.begin(), more.data.end());
  to.rows += more.rows;
}

}  // namespace kuchi
