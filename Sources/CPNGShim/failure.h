// How libpng's errors become return codes.
#ifndef CPNG_FAILURE_H
#define CPNG_FAILURE_H

#include "CPNGShim.h"

#include <png.h>
#include <setjmp.h>

/// The jump target and the message. libpng's own jump buffer (png_jmpbuf) is not used, because it exists only after
/// png_create_*_struct, which can fail too.
typedef struct {
  jmp_buf place;
  /// cpng_shim_message_size bytes.
  char *message;
} failure;

/// Runs work that may call failure_raise; returns 1 when it finished, 0 when it failed.
/// The work keeps its state in `context`, because local variables are lost in the jump.
int failure_guard(failure *failed, void (*work)(void *context), void *context);

/// libpng's error function: stores the message and jumps back to the guard.
_Noreturn void failure_raise(png_structp png, png_const_charp message);

/// libpng's warning function: warnings are ignored.
void failure_ignore_warning(png_structp png, png_const_charp message);

#endif
