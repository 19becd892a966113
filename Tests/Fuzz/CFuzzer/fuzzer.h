/* What libFuzzer offers to the program it runs, and a function that Swift's module of glibc lacks. */
#define _GNU_SOURCE
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>

/* Fuzzes as the arguments say. The function takes an input, and returns 0. */
int LLVMFuzzerRunDriver(int *count, char ***arguments, int (*test)(const uint8_t *bytes, size_t size));

/* Changes `size` bytes in place, to at most `largest_size`, and returns how many they are then. */
size_t LLVMFuzzerMutate(uint8_t *bytes, size_t size, size_t largest_size);
