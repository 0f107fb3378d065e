// A tile of a matrix product, 12 rows by 32 columns of sums that stay in registers.
#ifndef C_KERNELS_PRODUCT_TILE_H
#define C_KERNELS_PRODUCT_TILE_H

#include "float_run.h"
#include "include/direct.h"

enum { TILE = ckernels_tile_rows, PANEL = ckernels_panel_columns, LANES = 16 };

// Not functions: vectors as arguments would be passed in another way by each level of x86-64.
#define LOAD(type, from) (*(const type *)(from))
#define STORE(type, to, value) (*(type *)(to) = (value))
/// Zeros to begin sums with.
static const float no_bias[PANEL];

/// A stretch of the terms of a tile's sums: term t of row i is start[rows[i] + t * step].
typedef struct {
  const float *start;
  const int64_t *rows;
  int64_t step, count;
} left_piece;

/// A tile: sums[i][c] over all pieces' terms of left[i][term] * panel[term][c].
typedef struct {
  const left_piece *pieces;
  int64_t piece_count;
  /// Row 0 of the tile among the pieces' rows; as many follow as the tile has.
  int64_t first_row, row_count;
  /// Its first row, whose columns are read in whole half vectors, and scalars from row to row.
  const float *panel;
  int64_t panel_step;
  /// Where the sums go: columns beyond `column_count` are not touched.
  float *to;
  int64_t column_count, stride;
  /// What the sums begin with: rows `begin_stride` scalars apart, such as `to` itself, or one row of a bias for all.
  const float *begin;
  int64_t begin_stride;
  int rectify;
} tile_product;

// MARK: - The sums of a tile

/// Sums of some rows by 8 to 32 columns: up to two vectors and a half one. All but `t` and `first` are constants where
/// this is inlined (`stored` but for a tile's last rows): sums that were indexed by a variable would leave registers.
CKERNELS_INLINE void sum_rows_of_tile(const int rows, const int wholes, const int half, int64_t stored,
                                      const tile_product *t, int64_t first, int64_t column) {
  const int tail = wholes * LANES;
  const float *begin = t->begin + first * t->begin_stride + column;
  float32x16 sums[TILE][2];
  float32x8 tails[TILE];
  CKERNELS_UNROLLED for (int i = 0; i < rows; i++) {
    const float *row = begin + (i < stored ? i : 0) * t->begin_stride;
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
    for (int64_t k = 0; k < piece->count; k++, start += piece->step, panel += t->panel_step) {
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

  if (t->rectify)  // NaN is not below zero, and stays.
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

/// Some columns of a tile, `most` rows a time; what is left over takes two thirds or a third as many.
CKERNELS_INLINE void sum_columns(const int most, const int wholes, const int half, const tile_product *t,
                                 int64_t column) {
  int64_t first = 0;
  for (; first + most <= t->row_count; first += most)
    sum_rows_of_tile(most, wholes, half, most, t, first, column);
  const int64_t rest = t->row_count - first;
  if (rest > most * 2 / 3)
    sum_rows_of_tile(most, wholes, half, rest, t, first, column);
  else if (rest > most / 3)
    sum_rows_of_tile(most * 2 / 3, wholes, half, rest, t, first, column);
  else if (rest > 0)
    sum_rows_of_tile(most / 3, wholes, half, rest, t, first, column);
}

/// A tile whose columns are a multiple of 8; `widest` vectors a time.
CKERNELS_INLINE void sum_vectors(const int most, const int widest, const tile_product *t) {
  int64_t column = 0;
  if (widest == 2) {
    switch (t->column_count / 8) {
    case 1: sum_columns(most, 0, 1, t, 0); return;
    case 2: sum_columns(most, 1, 0, t, 0); return;
    case 3: sum_columns(most, 1, 1, t, 0); return;
    default: sum_columns(most, 2, 0, t, 0); return;
    }
  }
  for (; column + LANES <= t->column_count; column += LANES) sum_columns(most, 1, 0, t, column);
  if (column < t->column_count) sum_columns(most, 0, 1, t, column);
}

/// Any tile: columns that do not fill half a vector are made beside the result, and copied.
CKERNELS_INLINE void multiply_tile(const int most, const int widest, const tile_product *t) {
  if (t->column_count % 8 == 0) {
    sum_vectors(most, widest, t);
    return;
  }
  float beside[TILE * PANEL] = {0};
  tile_product whole = *t;
  whole.to = beside;
  whole.begin = beside;
  whole.stride = whole.begin_stride = PANEL;
  whole.column_count = (t->column_count + 7) / 8 * 8;
  for (int64_t i = 0; i < t->row_count; i++)
    copy_run(beside + i * PANEL, t->begin + i * t->begin_stride, t->column_count);
  sum_vectors(most, widest, &whole);
  for (int64_t i = 0; i < t->row_count; i++) copy_run(t->to + i * t->stride, beside + i * PANEL, t->column_count);
}

#endif
