#include "failure.h"

#include <stdlib.h>
#include <string.h>

/// The state of decoding one file.
typedef struct {
  /// The rest of the file.
  const uint8_t *bytes;
  size_t count;
  uint32_t max_side;
  /// Bytes that were read after the last row, and whether reading ended because they are many.
  size_t rest;
  int is_complete;

  failure failed;
  png_structp png;
  png_infop info;
  png_bytep *rows;
  cpng_shim_image *image;
  cpng_shim_status status;
} reading;

/// Bytes that are read after the last row, where libpng looks for a damaged or missing end. Image data that go on could
/// inflate to a thousand times their size.
enum { MAX_REST = 1 << 14 };

/// Whether libpng has stored the last row.
static int has_all_rows(const reading *job) {
  if (job->rows == NULL) return 0;
  return png_get_interlace_type(job->png, job->info) == PNG_INTERLACE_NONE
             ? png_get_current_row_number(job->png) >= job->image->height
             : png_get_current_pass_number(job->png) >= PNG_INTERLACE_ADAM7_PASSES;
}

static void read_bytes(png_structp png, png_bytep destination, size_t count) {
  reading *job = png_get_io_ptr(png);
  if (has_all_rows(job)) {
    job->rest += count;
    job->is_complete = job->rest > MAX_REST;
    if (job->is_complete) png_error(png, "");
  }
  if (count > job->count) png_error(png, "the file is cut short");
  memcpy(destination, job->bytes, count);
  job->bytes += count;
  job->count -= count;
}

/// Bounds the memory that a file can make libpng allocate to what its pixels need.
static void set_limits(png_structp png, uint32_t max_side) {
  png_set_user_limits(png, max_side, max_side);
  // -1: all chunks but header, palette, transparency and pixels, including those that libpng could inflate.
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
  png_set_chunk_malloc_max(png, 1 << 16);
}

/// Converts pixels of any kind to red, green, blue and alpha with 8 bits each.
static void request_rgba(png_structp png) {
  png_set_expand(png);    // palettes, 1 to 4 bits, transparent colors
  png_set_scale_16(png);  // rounded, not truncated
  png_set_gray_to_rgb(png);
  png_set_add_alpha(png, 0xff, PNG_FILLER_AFTER);
  png_set_interlace_handling(png);
}

static void decode(void *context) {
  reading *job = context;
  cpng_shim_image *image = job->image;
  job->status = cpng_shim_no_memory;
  job->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &job->failed, failure_raise, failure_ignore_warning);
  if (job->png == NULL) return;
  job->info = png_create_info_struct(job->png);
  if (job->info == NULL) return;

  job->status = cpng_shim_damaged;
  png_structp png = job->png;
  png_set_read_fn(png, job, read_bytes);
  set_limits(png, job->max_side);
  png_read_info(png, job->info);
  request_rgba(png);
  png_read_update_info(png, job->info);
  image->width = png_get_image_width(png, job->info);
  image->height = png_get_image_height(png, job->info);
  size_t row_bytes = png_get_rowbytes(png, job->info);
  if (row_bytes != (size_t)4 * image->width) png_error(png, "its rows have an unexpected length");

  // Zeros, so that the result is defined where a damaged file has no pixels.
  image->pixels = calloc(image->height, row_bytes);
  job->rows = malloc(image->height * sizeof *job->rows);
  if (image->pixels == NULL || job->rows == NULL) {
    job->status = cpng_shim_no_memory;
    return;
  }
  for (uint32_t row = 0; row < image->height; row++) job->rows[row] = image->pixels + row * row_bytes;
  png_read_image(png, job->rows);
  png_read_end(png, NULL);
  job->status = cpng_shim_ok;
}

/// Whether the header declares too many rows or columns; libpng's own message lacks the numbers.
static int is_too_large(const uint8_t *bytes, size_t count, uint32_t max_side, cpng_shim_image *image) {
  if (count < 24 || memcmp(bytes + 12, "IHDR", 4) != 0) return 0;
  image->width = png_get_uint_32(bytes + 16);
  image->height = png_get_uint_32(bytes + 20);
  return image->width > max_side || image->height > max_side;
}

cpng_shim_status cpng_shim_read(const uint8_t *bytes, size_t count, uint32_t max_side, cpng_shim_image *image) {
  memset(image, 0, sizeof *image);
  if (count < 8 || png_sig_cmp(bytes, 0, 8) != 0) return cpng_shim_not_png;
  if (is_too_large(bytes, count, max_side, image)) return cpng_shim_too_large;

  reading job = {.bytes = bytes, .count = count, .max_side = max_side, .image = image};
  job.failed.message = image->message;
  if (!failure_guard(&job.failed, decode, &job)) job.status = job.is_complete ? cpng_shim_ok : cpng_shim_damaged;
  if (job.png != NULL) png_destroy_read_struct(&job.png, &job.info, NULL);
  free(job.rows);
  if (job.status != cpng_shim_ok) {
    free(image->pixels);
    image->pixels = NULL;
  }
  return job.status;
}
