// The only interface to libpng. libpng reports errors with longjmp, which must never cross a Swift frame, so neither
// <png.h> nor setjmp is visible here: every error is a return code with a message.
#ifndef CPNG_SHIM_H
#define CPNG_SHIM_H

#include <stddef.h>
#include <stdint.h>

/// The result of a call.
typedef enum {
  cpng_shim_ok = 0,
  /// The bytes do not begin with PNG's signature.
  cpng_shim_not_png = 1,
  /// The header declares more rows or columns than are accepted; both numbers are in the image.
  cpng_shim_too_large = 2,
  /// libpng reported an error; see the message.
  cpng_shim_damaged = 3,
  /// Memory for the pixels could not be allocated.
  cpng_shim_no_memory = 4,
} cpng_shim_status;

enum { cpng_shim_message_size = 128 };

/// Pixels, row-major without padding, 4 bytes each: red, green, blue, alpha.
typedef struct {
  uint32_t width;
  uint32_t height;
  /// Freed by the caller with cpng_shim_free; NULL when the call failed.
  uint8_t *pixels;
  /// libpng's message, or empty.
  char message[cpng_shim_message_size];
} cpng_shim_image;

/// Decodes a PNG of any kind (gray, color, palette, with alpha or a transparent color, 1 to 16 bits, interlaced or
/// not) with at most `max_side` rows and columns. Only pixels, palette and transparency are read; texts, profiles and
/// other chunks are skipped without being inflated. Checksums and the end of the file are checked.
cpng_shim_status cpng_shim_read(const uint8_t *bytes, size_t count, uint32_t max_side, cpng_shim_image *image);

/// The bytes of a file, freed by the caller with cpng_shim_free.
typedef struct {
  uint8_t *bytes;
  size_t count;
  char message[cpng_shim_message_size];
} cpng_shim_file;

/// Encodes 8-bit pixels: gray, or indices of a palette of 256 colors (red, green, blue). The same pixels give the
/// same bytes.
cpng_shim_status cpng_shim_write(const uint8_t *pixels, const uint8_t *palette, uint32_t width, uint32_t height,
                                 cpng_shim_file *file);

/// Frees memory that a call returned; NULL is allowed.
void cpng_shim_free(void *memory);

/// The version of the loaded libpng, for example "1.6.39".
const char *cpng_shim_version(void);

#endif
