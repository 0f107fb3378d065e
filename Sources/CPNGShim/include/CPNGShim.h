// The one door to libpng. <png.h> stays on the other side of it, and so does setjmp: libpng reports errors with
// longjmp, which must never cross a Swift frame. Here every error is a return code with a message.
#ifndef CPNG_SHIM_H
#define CPNG_SHIM_H

#include <stddef.h>
#include <stdint.h>

/// How a call ended.
typedef enum {
  cpng_shim_ok = 0,
  /// The bytes do not begin with PNG's signature.
  cpng_shim_not_png = 1,
  /// The header announces more rows or columns than are accepted; both numbers are in the image.
  cpng_shim_too_large = 2,
  /// libpng found an error; the message says which.
  cpng_shim_damaged = 3,
  /// There is no memory for the pixels.
  cpng_shim_no_memory = 4,
} cpng_shim_status;

enum { cpng_shim_message_size = 128 };

/// Pixels, row-major and without gaps: 4 bytes each (red, green, blue, alpha) when read, 1 byte (gray) when written.
typedef struct {
  uint32_t width;
  uint32_t height;
  /// From malloc; the owner calls cpng_shim_free. NULL where the call failed.
  uint8_t *pixels;
  /// What libpng said; empty where it said nothing.
  char message[cpng_shim_message_size];
} cpng_shim_image;

/// Decodes a PNG of any kind (gray, color, palette, with alpha or a transparent color, 1 to 16 bits, interlaced or
/// not) that has at most `most_side` rows and columns. Nothing but pixels, palette and transparency is read: texts,
/// profiles and the like are skipped without being inflated or kept. Checksums and the end of the file are checked.
cpng_shim_status cpng_shim_read(const uint8_t *bytes, size_t count, uint32_t most_side, cpng_shim_image *image);

/// Bytes of a file; from malloc.
typedef struct {
  uint8_t *bytes;
  size_t count;
  char message[cpng_shim_message_size];
} cpng_shim_file;

/// Encodes 8-bit pixels: gray, or indices of a palette of 256 colors (red, green, blue). The same pixels give the
/// same bytes.
cpng_shim_status cpng_shim_write(const uint8_t *pixels, const uint8_t *palette, uint32_t width, uint32_t height,
                                 cpng_shim_file *file);

/// Gives back what a call allocated; NULL is fine.
void cpng_shim_free(void *memory);

/// The version of libpng that is loaded, for example "1.6.39".
const char *cpng_shim_version(void);

#endif
