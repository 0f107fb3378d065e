#include "failure.h"

#include <stdlib.h>
#include <string.h>

int failure_guard(failure *failed, void (*work)(void *context), void *context) {
  if (setjmp(failed->place) != 0) return 0;
  work(context);
  return 1;
}

void failure_raise(png_structp png, png_const_charp message) {
  failure *failed = png_get_error_ptr(png);
  strncpy(failed->message, message, cpng_shim_message_size - 1);
  longjmp(failed->place, 1);
}

void failure_ignore_warning(png_structp png, png_const_charp message) {
  (void)png;
  (void)message;
}

void cpng_shim_free(void *memory) { free(memory); }

const char *cpng_shim_version(void) { return png_get_libpng_ver(NULL); }
