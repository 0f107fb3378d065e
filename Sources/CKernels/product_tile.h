// A tile of a matrix product, 12 rows by 32 columns of sums that stay in registers.
#ifndef C_KERNELS_PRODUCT_TILE_H
#define C_KERNELS_PRODUCT_TILE_H

#include "float_run.h"
#include "include/direct.h"

enum { TILE = ckernels_tile_rows, PANEL = ckernels_panel_columns, LANES = 16 };

// Not functions: vectors as arguments would be passed in another way by each level of x86-64.
#define LOAD(from) (*(const float32x16 *)(from))
#define STORE(to, value) (*(float32x16 *)(to) = (value))

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
  const float *panel;
  /// Where the sums go: columns beyond `column_count` are not touched.
  float *to;
  int64_t column_count, stride;
  /// What the sums begin with: rows `begin_stride` scalars apart, such as `to` itself, or one row of a bias for all.
  const float *begin;
  int64_t begin_stride;
  int rectify;
} tile_product;

// MARK: - The sums of a tile

/// `rows` rows by `vectors` vectors, of which `stored` rows count. All three are constants where this is inlined, but
/// for the last rows of a tile: sums that were indexed by a variable would not stay in registers.
CKERNELS_INLINE void sum_rows_of_tile(const int rows, const int vectors, int64_t stored, const tile_product *t,
                                      int64_t first, int64_t column) {
  float *to = t->to + first * t->stride + column;
  const float *begin = t->begin + first * t->begin_stride + column;
  float32x16 sums[TILE][2];
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++)
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++) sums[i][v] = LOAD(begin + (i < stored ? i : 0) * t->begin_stride + v * LANES);

  const float *panel = t->panel + column;
  for (int64_t p = 0; p < t->piece_count; p++) {
    const left_piece *piece = t->pieces + p;
    const int64_t *offsets = piece->rows + t->first_row + first;
    int64_t left[TILE];
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++) left[i] = offsets[i < stored ? i : 0];
    const float *start = piece->start;
    for (int64_t k = 0; k < piece->count; k++, start += piece->step, panel += PANEL) {
      float32x16 right[2];
      for (int v = 0; v < vectors; v++) right[v] = LOAD(panel + v * LANES);
#pragma clang loop unroll(full)
      for (int i = 0; i < rows; i++)
        for (int v = 0; v < vectors; v++) sums[i][v] += right[v] * start[left[i]];
    }
  }

  if (t->rectify)  // NaN is not below zero, and stays.
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++)
      for (int v = 0; v < vectors; v++) sums[i][v] = (float32x16)((int32x16)sums[i][v] & ~(sums[i][v] < 0));
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++)
    if (i < stored)
      for (int v = 0; v < vectors; v++) STORE(to + i * t->stride + v * LANES, sums[i][v]);
}

/// The tile's vectors from `column` on, `most` rows a time; what is left over takes two thirds or a third as many.
CKERNELS_INLINE void sum_columns(const int most, const int vectors, const tile_product *t, int64_t column) {
  int64_t first = 0;
  for (; first + most <= t->row_count; first += most) sum_rows_of_tile(most, vectors, most, t, first, column);
  const int64_t rest = t->row_count - first;
  if (rest > most * 2 / 3)
    sum_rows_of_tile(most, vectors, rest, t, first, column);
  else if (rest > most / 3)
    sum_rows_of_tile(most * 2 / 3, vectors, rest, t, first, column);
  else if (rest > 0)
    sum_rows_of_tile(most / 3, vectors, rest, t, first, column);
}

/// A tile whose columns are whole vectors.
CKERNELS_INLINE void sum_vectors(const int most, const int vectors, const tile_product *t) {
  for (int64_t column = 0; column < t->column_count; column += vectors * LANES) {
    if (t->column_count - column < vectors * LANES)
      sum_columns(most, 1, t, column);
    else
      sum_columns(most, vectors, t, column);
  }
}

/// Any tile: columns that do not fill a vector are made beside the result, and copied.
CKERNELS_INLINE void multiply_tile(const int most, const int vectors, const tile_product *t) {
  if (t->column_count % LANES == 0) {
    sum_vectors(most, vectors, t);
    return;
  }
  float beside[TILE * PANEL] = {0};
  tile_product whole = *t;
  whole.to = beside;
  whole.begin = beside;
  whole.stride = whole.begin_stride = PANEL;
  whole.column_count = (t->column_count + LANES - 1) / LANES * LANES;
  for (int64_t i = 0; i < t->row_count; i++) copy_run(beside + i * PANEL, t->begin + i * t->begin_stride, t->column_count);
  sum_vectors(most, vectors, &whole);
  for (int64_t i = 0; i < t->row_count; i++) copy_run(t->to + i * t->stride, beside + i * PANEL, t->column_count);
}

#endif
