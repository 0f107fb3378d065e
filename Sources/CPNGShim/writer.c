#include "failure.h"

#include <stdlib.h>
#include <string.h>

/// The state of encoding one file.
typedef struct {
  const uint8_t *pixels;
  /// Red, green and blue of each of the 256 values; NULL for gray.
  const uint8_t *palette;
  uint32_t width, height;

  failure failed;
  png_structp png;
  png_infop info;
  cpng_shim_file *file;
  /// The size of the file's buffer in bytes.
  size_t capacity;
  cpng_shim_status status;
} writing;

static void write_bytes(png_structp png, png_bytep bytes, size_t count) {
  writing *job = png_get_io_ptr(png);
  cpng_shim_file *file = job->file;
  if (count > job->capacity - file->count) {
    size_t capacity = 2 * job->capacity + count;
    uint8_t *grown = realloc(file->bytes, capacity);
    if (grown == NULL) png_error(png, "not enough memory");
    file->bytes = grown;
    job->capacity = capacity;
  }
  memcpy(file->bytes + file->count, bytes, count);
  file->count += count;
}

static void flush_nothing(png_structp png) { (void)png; }

static void encode(void *context) {
  writing *job = context;
  job->status = cpng_shim_no_memory;
  job->png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &job->failed, failure_raise, failure_ignore_warning);
  if (job->png == NULL) return;
  job->info = png_create_info_struct(job->png);
  if (job->info == NULL) return;

  job->status = cpng_shim_damaged;
  png_structp png = job->png;
  png_set_write_fn(png, job, write_bytes, flush_nothing);
  int type = job->palette != NULL ? PNG_COLOR_TYPE_PALETTE : PNG_COLOR_TYPE_GRAY;
  png_set_IHDR(png, job->info, job->width, job->height, 8, type, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
               PNG_FILTER_TYPE_DEFAULT);
  if (job->palette != NULL) {
    png_color colors[256];
    for (int i = 0; i < 256; i++) {
      colors[i] = (png_color){job->palette[3 * i], job->palette[3 * i + 1], job->palette[3 * i + 2]};
    }
    png_set_PLTE(png, job->info, colors, 256);
  }
  png_set_compression_level(png, 9);
  png_write_info(png, job->info);
  for (uint32_t row = 0; row < job->height; row++) png_write_row(png, job->pixels + (size_t)row * job->width);
  png_write_end(png, job->info);
  job->status = cpng_shim_ok;
}

cpng_shim_status cpng_shim_write(const uint8_t *pixels, const uint8_t *palette, uint32_t width, uint32_t height,
                                 cpng_shim_file *file) {
  memset(file, 0, sizeof *file);
  writing job = {.pixels = pixels, .palette = palette, .width = width, .height = height, .file = file};
  job.failed.message = file->message;
  if (!failure_guard(&job.failed, encode, &job)) job.status = cpng_shim_damaged;
  if (job.png != NULL) png_destroy_write_struct(&job.png, &job.info);
  if (job.status != cpng_shim_ok) {
    free(file->bytes);
    file->bytes = NULL;
  }
  return job.status;
}
