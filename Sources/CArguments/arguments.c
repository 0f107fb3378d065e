#include "include/arguments.h"

static const char *const *values;
static int count;

// The GNU C library calls constructors with the arguments of main.
__attribute__((constructor)) static void keep(int argument_count, char **arguments) {
  count = argument_count;
  values = (const char *const *)arguments;
}

const char *const *carguments_values(void) { return values; }
int carguments_count(void) { return count; }
