// Where libpng's errors land.
#ifndef CPNG_FAILURE_H
#define CPNG_FAILURE_H

#include "CPNGShim.h"

#include <png.h>
#include <setjmp.h>

/// The place to return to, and room for what went wrong. libpng's own jump buffer (png_jmpbuf) is not used: it exists
/// only once libpng has been started, which can fail too.
typedef struct {
  jmp_buf place;
  /// cpng_shim_message_size bytes.
  char *message;
} failure;

/// Does work that may end in failure_raise; returns 1 when it came to its end, 0 when it was broken off.
/// The caller keeps what the work changes in `context`: locals would be lost with the jump.
int failure_guard(failure *failed, void (*work)(void *context), void *context);

/// libpng's error function: keeps the message and jumps back to the guard.
_Noreturn void failure_raise(png_structp png, png_const_charp message);

/// libpng's warning function: what can be read in spite of a warning is read.
void failure_ignore_warning(png_structp png, png_const_charp message);

#endif
