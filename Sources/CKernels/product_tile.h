// A tile of a matrix product, at most 12 rows by 32 columns. Its sums stay in registers: all at once with
// AVX-512, in smaller parts at lower levels.
#ifndef C_KERNELS_PRODUCT_TILE_H
#define C_KERNELS_PRODUCT_TILE_H

#include "float_run.h"
#include "include/direct.h"

enum { TILE = ckernels_tile_rows, PANEL = ckernels_panel_columns, LANES = 16 };

// Macros, because the calling convention for vector arguments depends on the level of x86-64.
#define LOAD(type, from) (*(const type *)(from))
#define STORE(type, to, value) (*(type *)(to) = (value))
/// The initial values of sums without bias.
static const float zeros[PANEL];

/// A piece of the left factor: term t of row i is start[rows[i] + t * step].
typedef struct {
  const float *start;
  const int64_t *rows;
  int64_t step, count;
} left_piece;

/// A tile: sums[i][c] = sum over the terms of all pieces of left[i][term] * panel[term][c].
typedef struct {
  const left_piece *pieces;
  int64_t piece_count;
  /// The index of the first row of the tile among the rows of the pieces, and the number of rows of the tile.
  int64_t first_row, row_count;
  /// The first row of the panel, whose columns are read in multiples of 8, and the distance between rows.
  const float *panel;
  int64_t panel_row_stride;
  /// The result; columns from `column_count` on are not written.
  float *to;
  int64_t column_count, stride;
  /// The initial values of the sums, with rows `initial_stride` scalars apart: `to` itself, or one row of a
  /// bias for all.
  const float *initial;
  int64_t initial_stride;
  int rectify;
} tile_product;

// MARK: - The sums of a tile

/// Computes some rows by 8 to 32 columns: up to two whole vectors and a half one. All arguments except `t`,
/// `first` and, for the last rows of a tile, `stored` are constants after inlining; sums with variable
/// indices would not stay in registers.
CKERNELS_INLINE void sum_rows_of_tile(const int rows, const int wholes, const int half, int64_t stored,
                                      const tile_product *t, int64_t first, int64_t column) {
  const int tail = wholes * LANES;
  const float *initial = t->initial + first * t->initial_stride + column;
  float32x16 sums[TILE][2];
  float32x8 tails[TILE];
  CKERNELS_UNROLLED for (int i = 0; i < rows; i++) {
    const float *row = initial + (i < stored ? i : 0) * t->initial_stride;
    for (int v = 0; v < wholes; v++) sums[i][v] = LOAD(float32x16, row + v * LANES);
    if (half) tails[i] = LOAD(float32x8, row + tail);
  }

  const float *panel = t->panel + column;
  for (int64_t p = 0; p < t->piece_count; p++) {
    const left_piece *piece = t->pieces + p;
    const int64_t *offsets = piece->rows + t->first_row + first;
    int64_t left[TILE];
    CKERNELS_UNROLLED for (int i = 0; i < rows; i++) left[i] = offsets[i < stored ? i : 0];
    const float *start = piece->start;
    for (int64_t k = 0; k < piece->count; k++, start += piece->step, panel += t->panel_row_stride) {
      float32x16 right[2];
      float32x8 right_tail;
      for (int v = 0; v < wholes; v++) right[v] = LOAD(float32x16, panel + v * LANES);
      if (half) right_tail = LOAD(float32x8, panel + tail);
      CKERNELS_UNROLLED for (int i = 0; i < rows; i++) {
        for (int v = 0; v < wholes; v++) sums[i][v] += right[v] * start[left[i]];
        if (half) tails[i] += right_tail * start[left[i]];
      }
    }
  }

  if (t->rectify)  // NaN is not below zero, and is kept.
    CKERNELS_UNROLLED for (int i = 0; i < rows; i++) {
      for (int v = 0; v < wholes; v++) sums[i][v] = (float32x16)((int32x16)sums[i][v] & ~(sums[i][v] < 0));
      if (half) tails[i] = (float32x8)((int32x8)tails[i] & ~(tails[i] < 0));
    }
  float *to = t->to + first * t->stride + column;
  CKERNELS_UNROLLED for (int i = 0; i < rows; i++)
    if (i < stored) {
      for (int v = 0; v < wholes; v++) STORE(float32x16, to + i * t->stride + v * LANES, sums[i][v]);
      if (half) STORE(float32x8, to + i * t->stride + tail, tails[i]);
    }
}

/// Computes some columns of a tile, `max_rows` rows at a time; the remaining rows use two thirds or a third
/// of that.
CKERNELS_INLINE void sum_columns(const int max_rows, const int wholes, const int half, const tile_product *t,
                                 int64_t column) {
  int64_t first = 0;
  for (; first + max_rows <= t->row_count; first += max_rows)
    sum_rows_of_tile(max_rows, wholes, half, max_rows, t, first, column);
  const int64_t rest = t->row_count - first;
  if (rest > max_rows * 2 / 3)
    sum_rows_of_tile(max_rows, wholes, half, rest, t, first, column);
  else if (rest > max_rows / 3)
    sum_rows_of_tile(max_rows * 2 / 3, wholes, half, rest, t, first, column);
  else if (rest > 0)
    sum_rows_of_tile(max_rows / 3, wholes, half, rest, t, first, column);
}

/// Computes a tile whose number of columns is a multiple of 8, `max_vectors` vectors at a time.
CKERNELS_INLINE void sum_vectors(const int max_rows, const int max_vectors, const tile_product *t) {
  int64_t column = 0;
  if (max_vectors == 2) {
    switch (t->column_count / 8) {
    case 1: sum_columns(max_rows, 0, 1, t, 0); return;
    case 2: sum_columns(max_rows, 1, 0, t, 0); return;
    case 3: sum_columns(max_rows, 1, 1, t, 0); return;
    default: sum_columns(max_rows, 2, 0, t, 0); return;
    }
  }
  for (; column + LANES <= t->column_count; column += LANES) sum_columns(max_rows, 1, 0, t, column);
  if (column < t->column_count) sum_columns(max_rows, 0, 1, t, column);
}

/// Computes any tile; if the number of columns is no multiple of 8, through a buffer on the stack.
CKERNELS_INLINE void multiply_tile(const int max_rows, const int max_vectors, const tile_product *t) {
  if (t->column_count % 8 == 0) {
    sum_vectors(max_rows, max_vectors, t);
    return;
  }
  float buffer[TILE * PANEL] = {0};
  tile_product whole = *t;
  whole.to = buffer;
  whole.initial = buffer;
  whole.stride = whole.initial_stride = PANEL;
  whole.column_count = (t->column_count + 7) / 8 * 8;
  for (int64_t i = 0; i < t->row_count; i++)
    copy_run(buffer + i * PANEL, t->initial + i * t->initial_stride, t->column_count);
  sum_vectors(max_rows, max_vectors, &whole);
  for (int64_t i = 0; i < t->row_count; i++) copy_run(t->to + i * t->stride, buffer + i * PANEL, t->column_count);
}

#endif
