// A tile of a matrix product, at most 12 rows by 32 columns, or a grid of 25 rows by 8. Its sums stay in registers: all at once with
// AVX-512, in smaller parts at lower levels.
#ifndef C_KERNELS_PRODUCT_TILE_H
#define C_KERNELS_PRODUCT_TILE_H

#include "float_run.h"
#include "include/direct.h"

enum { TILE = ckernels_tile_rows, PANEL = ckernels_panel_columns, MAX_SIDE = 5, MAX_ROWS = MAX_SIDE * MAX_SIDE };

/// The initial values of sums without bias.
static const float zeros[PANEL];

/// A product: to[i][c] = initial[i][c] + sum over t of left[rows[i] + terms[t]] * panel[t][c].
///
/// Both factors of a convolution are indexed like this: the position of an element of a window is the start of
/// the window plus the offset of the element. Rows may be windows and terms their elements, or the reverse.
typedef struct {
  const float *left;
  const int64_t *rows, *terms;
  int64_t row_count, term_count;
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
/// `first`, `column` and, for uneven rows, `stored` are constants after inlining; sums with variable indices
/// would not stay in registers.
///
/// `even` rows are a constant distance apart; four pointers and that distance address all of them. Twelve
/// offsets exceed the general registers of x86-64 and are reloaded for each term. With a `side`, the rows are a grid.
CKERNELS_INLINE void sum_rows_of_tile(const int rows, const int wholes, const int half, const int even, const int side,
                                      int64_t stored, const tile_product *t, int64_t first, int64_t column) {
  const int tail = wholes * LANES;
  const float *initial = t->initial + first * t->initial_stride + column;
  float32x16 sums[MAX_ROWS][2];
  float32x8 tails[MAX_ROWS];
  CKERNELS_UNROLLED for (int i = 0; i < rows; i++) {
    const float *row = initial + (i < stored ? i : 0) * t->initial_stride;
    for (int v = 0; v < wholes; v++) sums[i][v] = LOAD(row + v * LANES);
    if (half) tails[i] = *(const float32x8 *)(row + tail);
  }

  const float *panel = t->panel + column;
  const int64_t *offsets = t->rows + first;
  const int64_t step = even && rows > 1 ? offsets[side ? side : 1] - offsets[0] : 0;
  int64_t left[TILE];
  if (!even) CKERNELS_UNROLLED for (int i = 0; i < rows; i++) left[i] = offsets[i < stored ? i : 0];
  const float *base = even ? t->left + offsets[0] : t->left;
  for (int64_t k = 0; k < t->term_count; k++, panel += t->panel_row_stride) {
    const float *start = base + t->terms[k];
    CKERNELS_UNROLLED for (int v = 0; v < wholes + half; v++) {
      // Hides that the second vector multiplies the same scalars, so that each FMA broadcasts its scalar from
      // memory. Scalars in registers would all be loaded before the first FMA, and sums would be spilled.
      if (v > 0) __asm__("" : "+r"(start));
      const float *row = start;
      float32x16 right;
      float32x8 right_tail;
      if (v < wholes)
        right = LOAD(panel + v * LANES);
      else
        right_tail = *(const float32x8 *)(panel + tail);
      CKERNELS_UNROLLED for (int i = 0; i < rows; i++) {
        if (side ? i > 0 && i % side == 0 : even && i > 0 && i % 3 == 0) row += side ? step : 3 * step;
        const float x = side ? row[i % side] : even ? row[i % 3 * step] : start[left[i]];
        if (v < wholes)
          sums[i][v] += right * x;
        else
          tails[i] += right_tail * x;
      }
    }
  }

  if (t->rectify)  // NaN is not below zero, and is kept.
    CKERNELS_UNROLLED for (int i = 0; i < rows; i++) {
      for (int v = 0; v < wholes; v++) sums[i][v] = RELU(sums[i][v]);
      if (half) tails[i] = (float32x8)((int32x8)tails[i] & ~(tails[i] < 0));
    }
  float *to = t->to + first * t->stride + column;
  CKERNELS_UNROLLED for (int i = 0; i < rows; i++) if (i < stored) {
    for (int v = 0; v < wholes; v++) STORE(to + i * t->stride + v * LANES, sums[i][v]);
    if (half) *(float32x8 *)(to + i * t->stride + tail) = tails[i];
  }
}

// MARK: - A function for each shape and register file

typedef void sum_rows_function(const tile_product *t, int64_t first, int64_t stored, int64_t column);

/// The functions for one number of columns.
typedef struct {
  /// even[n] sums n evenly spaced rows.
  sum_rows_function *even[TILE + 1];
  /// Sums up to `any_rows` rows, and up to half of that.
  sum_rows_function *any, *any_half;
  /// Sums a grid of 5 x 5 rows; NULL where it was not measured to be faster.
  sum_rows_function *grid;
  int64_t any_rows;
} tile_shapes;

/// The shapes of one level of x86-64, for 8, 16, 24 and 32 columns; vectors of fewer lanes have the first one or two.
typedef struct {
  int64_t max_rows, max_columns;
  const tile_shapes *shapes[4];
} tile_level;

// Each shape is a function of its own: inlined into one loop, the compiler would spill sums.
#define SUM_ROWS(name, attributes, rows, wholes, half, even, side)                                            \
  attributes __attribute__((noinline)) static void name(const tile_product *t, int64_t first, int64_t stored, \
                                                        int64_t column) {                                     \
    sum_rows_of_tile(rows, wholes, half, even, side, (even) ? (rows) : stored, t, first, column);             \
  }
#define SHAPES(name, attributes, wholes, half, any_rows, grid, ...)         \
  SUM_ROWS(name##_any, attributes, any_rows, wholes, half, 0, 0)            \
  SUM_ROWS(name##_any_half, attributes, (any_rows) / 2, wholes, half, 0, 0) \
  static const tile_shapes name = {{__VA_ARGS__}, name##_any, name##_any_half, grid, any_rows};
#define EVEN(name, attributes, rows, wholes, half) SUM_ROWS(name##_##rows, attributes, rows, wholes, half, 1, 0)
#define EVEN_1_TO_6(name, attributes, wholes, half) \
  EVEN(name, attributes, 1, wholes, half)           \
  EVEN(name, attributes, 2, wholes, half)           \
  EVEN(name, attributes, 3, wholes, half)           \
  EVEN(name, attributes, 4, wholes, half)           \
  EVEN(name, attributes, 5, wholes, half) EVEN(name, attributes, 6, wholes, half)
#define SHAPES_6(name, attributes, wholes, half) \
  EVEN_1_TO_6(name, attributes, wholes, half)    \
  SHAPES(name, attributes, wholes, half, 4, NULL, 0, name##_1, name##_2, name##_3, name##_4, name##_5, name##_6)
#define SHAPES_12(name, attributes, wholes, half, any_rows, grid)                                             \
  EVEN_1_TO_6(name, attributes, wholes, half)                                                                 \
  EVEN(name, attributes, 7, wholes, half)                                                                     \
  EVEN(name, attributes, 8, wholes, half)                                                                     \
  EVEN(name, attributes, 9, wholes, half)                                                                     \
  EVEN(name, attributes, 10, wholes, half)                                                                    \
  EVEN(name, attributes, 11, wholes, half)                                                                    \
  EVEN(name, attributes, 12, wholes, half)                                                                    \
  SHAPES(name, attributes, wholes, half, any_rows, grid, 0, name##_1, name##_2, name##_3, name##_4, name##_5, \
         name##_6, name##_7, name##_8, name##_9, name##_10, name##_11, name##_12)

#if defined(CKERNELS_HAS_CLONES)
// `min_vector_width` lets the functions use 512-bit registers; by default the compiler prefers 256 bits. 24 of
// the 32 registers hold sums; CPUs with 16 have smaller tiles.
#define LEVEL_4 __attribute__((target("arch=x86-64-v4"), min_vector_width(512)))
#define LEVEL_3 __attribute__((target("arch=x86-64-v3")))
SUM_ROWS(level_4_grid, LEVEL_4, MAX_ROWS, 0, 1, 1, MAX_SIDE)
SHAPES_12(level_4_columns_8, LEVEL_4, 0, 1, 12, level_4_grid)
SHAPES_12(level_4_columns_16, LEVEL_4, 1, 0, 12, NULL)
SHAPES_12(level_4_columns_24, LEVEL_4, 1, 1, 8, NULL)
SHAPES_12(level_4_columns_32, LEVEL_4, 2, 0, 8, NULL)
SHAPES_6(level_3_columns_8, LEVEL_3, 0, 1)
SHAPES_6(level_3_columns_16, LEVEL_3, 1, 0)
SHAPES_6(baseline_columns_8, , 0, 1)
static const tile_level level_4 = {
    12, 32, {&level_4_columns_8, &level_4_columns_16, &level_4_columns_24, &level_4_columns_32}};
static const tile_level level_3 = {6, 16, {&level_3_columns_8, &level_3_columns_16}};
static const tile_level baseline = {6, 8, {&baseline_columns_8}};

static const tile_level *tiles_of_this_cpu(void) {
  __builtin_cpu_init();
  if (__builtin_cpu_supports("x86-64-v4")) return &level_4;
  return __builtin_cpu_supports("x86-64-v3") ? &level_3 : &baseline;
}
#else
SHAPES_6(columns_8, , 0, 1)
SHAPES_6(columns_16, , 1, 0)
static const tile_level only_level = {6, 16, {&columns_8, &columns_16}};
static const tile_level *tiles_of_this_cpu(void) { return &only_level; }
#endif

// MARK: - Products of any size

/// Fewer evenly spaced rows than this would not hide the latency of an FMA.
enum { MIN_EVEN_ROWS = 5 };

/// Returns the number of the next rows that are evenly spaced and form one tile. A run of up to two tiles is
/// split into equal parts.
CKERNELS_INLINE int64_t even_rows(const int64_t *rows, int64_t count, int64_t max_rows) {
  int64_t run = count < 2 ? count : 2;
  const int64_t limit = count < 2 * max_rows ? count : 2 * max_rows;
  while (run < limit && rows[run] - rows[run - 1] == rows[1] - rows[0]) run++;
  return run >= 2 * max_rows ? max_rows : run > max_rows ? (run + 1) / 2 : run;
}

/// Whether the rows are a grid: runs of adjacent elements, a constant distance apart, as in a 5x5 window of one channel.
CKERNELS_INLINE int is_grid(const int64_t *rows, int64_t count) {
  int64_t i = 0;
  if (count == MAX_ROWS)
    while (i < count && rows[i] == rows[0] + i / MAX_SIDE * (rows[MAX_SIDE] - rows[0]) + i % MAX_SIDE) i++;
  return i == MAX_ROWS;
}

/// Returns the number of the next rows that are multiplied with all panels before the others, so that an
/// output line is written while it is in the cache: one tile of evenly spaced rows, or several of any.
CKERNELS_INLINE int64_t rows_of_tile(const int64_t *rows, int64_t count, const tile_level *level) {
  const int64_t even = even_rows(rows, count, level->max_rows);
  return even >= MIN_EVEN_ROWS || even == level->max_rows ? even : count < 2 * TILE ? count : 2 * TILE;
}

CKERNELS_INLINE void sum_columns(const tile_level *level, const tile_product *t, int64_t column, int64_t count) {
  const tile_shapes *shapes = level->shapes[count / 8 - 1];
  if (shapes->grid && is_grid(t->rows, t->row_count)) {
    shapes->grid(t, 0, t->row_count, column);
    return;
  }
  for (int64_t first = 0; first < t->row_count;) {
    const int64_t rest = t->row_count - first, even = even_rows(t->rows + first, rest, level->max_rows);
    if (even >= MIN_EVEN_ROWS || even == rest || even == level->max_rows) {
      shapes->even[even](t, first, even, column);
      first += even;
    } else {
      const int64_t stored = rest < shapes->any_rows ? rest : shapes->any_rows;
      (stored * 2 > shapes->any_rows ? shapes->any : shapes->any_half)(t, first, stored, column);
      first += stored;
    }
  }
}

/// Computes a product whose number of columns is a multiple of 8.
CKERNELS_INLINE void multiply_whole_columns(const tile_level *level, const tile_product *t) {
  for (int64_t column = 0; column < t->column_count; column += level->max_columns) {
    const int64_t rest = t->column_count - column;
    sum_columns(level, t, column, rest < level->max_columns ? rest : level->max_columns);
  }
}

/// Computes a product of any number of rows and up to 32 columns; if the number of columns is no multiple of
/// 8, some rows at a time through a buffer on the stack.
CKERNELS_INLINE void multiply_panel(const tile_level *level, const tile_product *t) {
  if (t->column_count % 8 == 0) {
    multiply_whole_columns(level, t);
    return;
  }
  float buffer[MAX_ROWS * PANEL] = {0};
  tile_product part = *t;
  part.to = buffer;
  part.initial = buffer;
  part.stride = part.initial_stride = PANEL;
  part.column_count = (t->column_count + 7) / 8 * 8;
  for (int64_t first = 0; first < t->row_count; first += part.row_count) {
    part.rows = t->rows + first;
    const int64_t rest = t->row_count - first;
    part.row_count = rest < MAX_ROWS ? rest : MAX_ROWS;
    for (int64_t i = 0; i < part.row_count; i++)
      copy_run(buffer + i * PANEL, t->initial + (first + i) * t->initial_stride, t->column_count);
    multiply_whole_columns(level, &part);
    for (int64_t i = 0; i < part.row_count; i++)
      copy_run(t->to + (first + i) * t->stride, buffer + i * PANEL, t->column_count);
  }
}

#endif
