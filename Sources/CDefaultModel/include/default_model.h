/* The model of handwritten digits that is part of the library. */
#ifndef CDEFAULTMODEL_H
#define CDEFAULTMODEL_H

#include <stddef.h>

const void *default_model_bytes(void);
size_t default_model_size(void);

#endif
