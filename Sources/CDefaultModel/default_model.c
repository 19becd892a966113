#include "default_model.h"

/* A multiple of 64, which the model's tensors are aligned to. */
_Alignas(64) static const unsigned char bytes[] = {
#embed "digits.dnn"
};

const void *default_model_bytes(void) { return bytes; }
size_t default_model_size(void) { return sizeof bytes; }
