#ifndef C_ARGUMENTS_H
#define C_ARGUMENTS_H

/// The arguments of this process as the kernel passed them, the name of the program first, and their number. The C
/// library passes them to constructors, so that no file under /proc is read.
const char *const *carguments_values(void);
int carguments_count(void);

#endif
