#include "include/batch_normalization.h"

#include "activation_function.h"

// Unaligned vectors of doubles, for half of the lanes.
typedef double float64x8 __attribute__((vector_size(64), aligned(8), may_alias));

#define WIDENED(values) __builtin_convertvector(*(const float32x8 *)(values), float64x8)

enum {
  /// Rows that are summed in registers, in plain double. Their sum loses about half an ulp of double; adding it to
  /// the sums of other blocks loses nothing. Longer blocks would lose more, shorter ones would add more sums.
  BLOCK_ROWS = 16,
  /// Up to this number of channels, rows whose channels do not fill vectors are folded: several rows are treated as
  /// one row that does. With more, at most a fifth of the lanes is empty.
  MAX_FOLDED_CHANNELS = 64,
  MAX_FOLDED = MAX_FOLDED_CHANNELS * LANES,
};

// Rows of 3 channels, folded by 16: one row of 48 channels, whose channel c belongs to channel c % 3.
//
//     0 1 2  0 1 2  0 1 2  0 1 2  0 1 2  0 | 1 2 ...              | ... 0 1 2
//     vector 0                             | vector 1             | vector 2

/// The number of rows in one so that their channels fill vectors; 1 without folding.
CKERNELS_INLINE int64_t rows_in_one(int64_t rows, int64_t channels) {
  if (channels > MAX_FOLDED_CHANNELS) return 1;
  int64_t folded = 1;
  while (folded * channels % LANES != 0) folded *= 2;
  // Fewer rows are not worth the sums or the copies of `folded` rows.
  return rows < 4 * folded ? 1 : folded;
}

/// sum + lost += part, where `lost` receives what the addition rounds away.
#define ADD_EXACTLY(sum, lost, part)                                                     \
  do {                                                                                   \
    const __typeof__(sum) before = sum, after = before + (part), added = after - before; \
    lost += (before - (after - added)) + ((part)-added);                                 \
    sum = after;                                                                         \
  } while (0)

/// Adds the sums of `lanes` channels of a block, two quantities of 2 * 8 lanes; `sums` is at the first channel.
CKERNELS_INLINE void add_block(const float64x8 block[4], int64_t lanes, int64_t channels, double *sums) {
  for (int q = 0; q < 2; q++) {
    double *total = sums + q * channels, *lost = total + 2 * channels;
    if (lanes == LANES) {
      CKERNELS_UNROLLED for (int h = 0; h < 2; h++) {
        float64x8 *t = (float64x8 *)(total + 8 * h), *l = (float64x8 *)(lost + 8 * h);
        ADD_EXACTLY(*t, *l, block[2 * q + h]);
      }
    } else {
      for (int64_t i = 0; i < lanes; i++) ADD_EXACTLY(total[i], lost[i], block[2 * q + i / 8][i % 8]);
    }
  }
}

CKERNELS_CLONES
void ckernels_add_batch_sums(int64_t channels, const double *part, double *total) {
  for (int64_t i = 0; i < 2 * channels; i++) {
    ADD_EXACTLY(total[i], total[i + 2 * channels], part[i]);
    total[i + 2 * channels] += part[i + 2 * channels];
  }
}

/// What a pass over rows sums. Forward passes have no gradient.
typedef struct {
  const float *x, *y;
  float *g;
  const double *mean;
  ckernels_activation activation;
} summed_rows;

/// g * f'(y) of a vector, for the functions that the loops apply in registers.
#define RELU_GRADIENT(y, g) SELECT((y) > 0, g, SELECT((y) <= 0, (float32x16){0}, y))
#define CLIP_GRADIENT(y, g, f) SELECT(((y) > (f).a) & ((y) < (f).b), g, SELECT((y) == (y), (float32x16){0}, y))

/// Sums `lanes` channels of a block of rows, with `at` the first scalar and c the first channel.
CKERNELS_INLINE void sum_block(const summed_rows *of, int backward, ckernels_function in_registers, int64_t at,
                               int64_t rows, int64_t c, int64_t lanes, int64_t channels, double *sums) {
  float64x8 block[4] = {{0}}, mean[2] = {{0}};
  if (backward)
    for (int64_t i = 0; i < lanes; i++) mean[i / 8][i % 8] = of->mean[c + i];
  for (int64_t r = 0; r < rows; r++, at += channels) {
    float32x16 x, g, y;
    // The next block of these channels: hardware does not foresee rows that are far apart.
    const int64_t next = at + BLOCK_ROWS * channels;
    PREFETCH(of->x, next);
    load_lanes(&x, of->x + at, lanes);
    if (backward) {
      PREFETCH(of->g, next);
      load_lanes(&g, of->g + at, lanes);
      if (in_registers != ckernels_identity) {
        PREFETCH(of->y, next);
        load_lanes(&y, of->y + at, lanes);
        if (in_registers == ckernels_relu)
          g = RELU_GRADIENT(y, g);
        else
          g = CLIP_GRADIENT(y, g, of->activation);
        store_lanes(of->g + at, &g, lanes);
      }
    }
    CKERNELS_UNROLLED for (int h = 0; h < 2; h++) {
      const float64x8 value = WIDENED((const float *)&x + 8 * h);
      if (backward) {
        const float64x8 gradient = WIDENED((const float *)&g + 8 * h);
        block[h] += gradient;
        block[2 + h] += gradient * (value - mean[h]);
      } else {
        block[h] += value;
        block[2 + h] += value * value;
      }
    }
  }
  add_block(block, lanes, channels, sums + c);
}

/// Adds the sums of rows from scalar `at` to `sums`.
CKERNELS_INLINE void sum_rows(const summed_rows *of, int backward, ckernels_function in_registers, int64_t at,
                              int64_t rows, int64_t channels, double *sums) {
  for (int64_t r = 0; r < rows; r += BLOCK_ROWS, at += BLOCK_ROWS * channels) {
    const int64_t count = rows - r < BLOCK_ROWS ? rows - r : BLOCK_ROWS;
    if (backward && in_registers == ckernels_identity && of->activation.function != ckernels_identity)
      multiply_by_derivative(of->activation, count * channels, of->y + at, of->g + at);
    int64_t c = 0;
    for (; c + LANES <= channels; c += LANES)
      sum_block(of, backward, in_registers, at + c, count, c, LANES, channels, sums);
    if (c < channels) sum_block(of, backward, in_registers, at + c, count, c, channels - c, channels, sums);
  }
}

CKERNELS_INLINE void sum_folded(summed_rows of, int backward, ckernels_function in_registers, int64_t rows,
                                int64_t channels, double *sums) {
  const int64_t folded = rows_in_one(rows, channels), wide = folded * channels, whole = rows / folded;
  if (folded == 1) {
    sum_rows(&of, backward, in_registers, 0, rows, channels, sums);
    return;
  }
  double wide_sums[4 * MAX_FOLDED], wide_mean[MAX_FOLDED];
  const double *mean = of.mean;
  memset(wide_sums, 0, (size_t)(4 * wide) * sizeof(double));
  if (backward) {
    for (int64_t start = 0; start < wide; start += channels)
      for (int64_t c = 0; c < channels; c++) wide_mean[start + c] = mean[c];
    of.mean = wide_mean;
  }
  sum_rows(&of, backward, in_registers, 0, whole, wide, wide_sums);
  for (int64_t q = 0; q < 2; q++)
    for (int64_t start = q * wide; start < (q + 1) * wide; start += channels)
      for (int64_t c = 0; c < channels; c++) {
        double *total = sums + q * channels + c, *lost = total + 2 * channels;
        ADD_EXACTLY(*total, *lost, wide_sums[start + c]);
        *lost += wide_sums[2 * wide + start + c];
      }
  of.mean = mean;
  sum_rows(&of, backward, in_registers, whole * wide, rows % folded, channels, sums);
}

CKERNELS_CLONES
void ckernels_batch_sums(int64_t rows, int64_t channels, const float *x, double *sums, int accumulate) {
  if (!accumulate) memset(sums, 0, (size_t)(4 * channels) * sizeof(double));
  sum_folded((summed_rows){.x = x}, 0, ckernels_identity, rows, channels, sums);
}

CKERNELS_CLONES
void ckernels_batch_gradient_sums(int64_t rows, int64_t channels, const float *x, const float *y, const double *mean,
                                  ckernels_activation activation, float *g, double *sums, int accumulate) {
  CKERNELS_ASSERT(activation.function != ckernels_hard_swish && (y || activation.function == ckernels_identity));
  if (!accumulate) memset(sums, 0, (size_t)(4 * channels) * sizeof(double));
  const summed_rows of = {.x = x, .y = y, .g = g, .mean = mean, .activation = activation};
  switch (activation.function) {
  case ckernels_relu: sum_folded(of, 1, ckernels_relu, rows, channels, sums); break;
  case ckernels_clip: sum_folded(of, 1, ckernels_clip, rows, channels, sums); break;
  default: sum_folded(of, 1, ckernels_identity, rows, channels, sums); break;
  }
}

/// Repeats values of channels for folded rows.
CKERNELS_INLINE void repeat(const float *values, int64_t channels, int64_t wide, float *restrict repeated) {
  for (int64_t start = 0; start < wide; start += channels)
    for (int64_t c = 0; c < channels; c++) repeated[start + c] = values[c];
}

// The loops below are of vectors, because results may overwrite operands: loops over floats would check for
// overlap and run scalar.

CKERNELS_INLINE void normalize_vector(const float *x, const float *scale, const float *shift, const float *residual,
                                      ckernels_activation activation, int64_t lanes, float *y) {
  float32x16 value, factor, offset, other;
  load_lanes(&value, x, lanes);
  load_lanes(&factor, scale, lanes);
  load_lanes(&offset, shift, lanes);
  value = value * factor + offset;
  if (residual) {
    load_lanes(&other, residual, lanes);
    value += other;
  }
  if (activation.function == ckernels_relu) value = RELU(value);
  if (activation.function == ckernels_clip) {
    const float32x16 least = (float32x16){0} + activation.a, largest = (float32x16){0} + activation.b;
    value = SELECT(value < least, least, value);
    value = SELECT(value > largest, largest, value);
  }
  store_lanes(y, &value, lanes);
}

CKERNELS_INLINE void normalize_rows(int64_t rows, int64_t channels, const float *x, const float *scale,
                                    const float *shift, const float *residual, ckernels_activation activation,
                                    float *y) {
  for (int64_t r = 0; r < rows; r++) {
    const int64_t row = r * channels;
    int64_t c = 0;
    for (; c + LANES <= channels; c += LANES)
      normalize_vector(x + row + c, scale + c, shift + c, residual ? residual + row + c : NULL, activation, LANES,
                       y + row + c);
    if (c < channels)
      normalize_vector(x + row + c, scale + c, shift + c, residual ? residual + row + c : NULL, activation,
                       channels - c, y + row + c);
    if (activation.function > ckernels_relu && activation.function != ckernels_clip)
      apply_function(activation, channels, y + row);
  }
}

CKERNELS_INLINE void normalize_with(ckernels_activation activation, int64_t rows, int64_t channels, const float *x,
                                    const float *scale, const float *shift, const float *residual, float *y) {
  if (residual)
    normalize_rows(rows, channels, x, scale, shift, residual, activation, y);
  else
    normalize_rows(rows, channels, x, scale, shift, NULL, activation, y);
}

CKERNELS_INLINE void normalize(ckernels_activation activation, int64_t rows, int64_t channels, const float *x,
                               const float *scale, const float *shift, const float *residual, float *y) {
  // Constants, so that the loops have no branches.
  switch (activation.function) {
  case ckernels_identity:
    normalize_with((ckernels_activation){.function = ckernels_identity}, rows, channels, x, scale, shift, residual, y);
    break;
  case ckernels_relu:
    normalize_with((ckernels_activation){.function = ckernels_relu}, rows, channels, x, scale, shift, residual, y);
    break;
  case ckernels_clip:
    activation.function = ckernels_clip;
    normalize_with(activation, rows, channels, x, scale, shift, residual, y);
    break;
  default: normalize_with(activation, rows, channels, x, scale, shift, residual, y); break;
  }
}

CKERNELS_CLONES
void ckernels_batch_normalize(int64_t rows, int64_t channels, const float *x, const float *scale, const float *shift,
                              const float *residual, ckernels_activation activation, float *y) {
  const int64_t folded = rows_in_one(rows, channels), wide = folded * channels, whole = rows / folded * folded;
  if (folded == 1) {
    normalize(activation, rows, channels, x, scale, shift, residual, y);
    return;
  }
  float wide_scale[MAX_FOLDED], wide_shift[MAX_FOLDED];
  repeat(scale, channels, wide, wide_scale);
  repeat(shift, channels, wide, wide_shift);
  normalize(activation, whole / folded, wide, x, wide_scale, wide_shift, residual, y);
  const int64_t done = whole * channels;
  normalize(activation, rows - whole, channels, x + done, scale, shift, residual ? residual + done : NULL, y + done);
}

CKERNELS_INLINE void gradient_vector(const float *x, const float *g, const float *a, const float *b, const float *k,
                                     int64_t lanes, int accumulate, float *input_gradient) {
  float32x16 input, gradient, factor, slope, offset, before;
  load_lanes(&input, x, lanes);
  load_lanes(&gradient, g, lanes);
  load_lanes(&factor, a, lanes);
  load_lanes(&slope, b, lanes);
  load_lanes(&offset, k, lanes);
  gradient = factor * gradient + (slope * input + offset);
  if (accumulate) {
    load_lanes(&before, input_gradient, lanes);
    gradient += before;
  }
  store_lanes(input_gradient, &gradient, lanes);
}

CKERNELS_INLINE void gradient_rows(int64_t rows, int64_t channels, const float *x, const float *g, const float *a,
                                   const float *b, const float *k, int accumulate, float *input_gradient) {
  for (int64_t r = 0; r < rows; r++) {
    const int64_t row = r * channels;
    int64_t c = 0;
    for (; c + LANES <= channels; c += LANES)
      gradient_vector(x + row + c, g + row + c, a + c, b + c, k + c, LANES, accumulate, input_gradient + row + c);
    if (c < channels)
      gradient_vector(x + row + c, g + row + c, a + c, b + c, k + c, channels - c, accumulate,
                      input_gradient + row + c);
  }
}

CKERNELS_CLONES
void ckernels_batch_input_gradient(int64_t rows, int64_t channels, const float *x, const float *g, const float *a,
                                   const float *b, const float *k, float *input_gradient, int accumulate) {
  const int64_t folded = rows_in_one(rows, channels), wide = folded * channels, whole = rows / folded * folded;
  int64_t done = 0;
  if (folded > 1) {
    float wide_a[MAX_FOLDED], wide_b[MAX_FOLDED], wide_k[MAX_FOLDED];
    repeat(a, channels, wide, wide_a);
    repeat(b, channels, wide, wide_b);
    repeat(k, channels, wide, wide_k);
    gradient_rows(whole / folded, wide, x, g, wide_a, wide_b, wide_k, accumulate, input_gradient);
    done = whole * channels;
    rows -= whole;
  }
  gradient_rows(rows, channels, x + done, g + done, a, b, k, accumulate, input_gradient + done);
}
