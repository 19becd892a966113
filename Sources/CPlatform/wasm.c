/* The memory of a WebAssembly module by itself: an allocator, and the functions that compilers call for copies.

   Free blocks stand in a list in the order of their addresses; the first that is large enough is taken, and neighbours are
   joined when they are freed. A runtime that allocates some dozen pieces needs no more. */
#include "wasm.h"

typedef struct block {
  size_t size;    /* of all of it, this header included */
  struct block *next;
} block;

enum { PAGE = 65536, UNIT = 16 };

extern unsigned char __heap_base;    /* where the linker's own data ends */
static block *free_blocks;
static uintptr_t heap_end;

static uintptr_t round_up(uintptr_t value, size_t step) { return (value + step - 1) & ~(uintptr_t)(step - 1); }

static void add_free(block *added) {
  block **link = &free_blocks;
  block *before = NULL;
  while (*link && *link < added) {
    before = *link;
    link = &before->next;
  }
  added->next = *link;
  *link = added;
  if (added->next && (uintptr_t)added + added->size == (uintptr_t)added->next) {
    added->size += added->next->size;
    added->next = added->next->next;
  }
  if (before && (uintptr_t)before + before->size == (uintptr_t)added) {
    before->size += added->size;
    before->next = added->next;
  }
}

/* Takes pages from the machine; 0 if it has no more. */
static int grow(size_t size) {
  if (heap_end == 0) heap_end = round_up((uintptr_t)&__heap_base, UNIT);
  const uintptr_t memory_end = __builtin_wasm_memory_size(0) * PAGE;
  const size_t spare = memory_end - heap_end;
  if (spare < size) {
    const size_t pages = (size - spare + PAGE - 1) / PAGE;
    if (__builtin_wasm_memory_grow(0, pages) == (size_t)-1) return 0;
    size = spare + pages * PAGE;
  } else {
    size = spare;
  }
  block *added = (block *)heap_end;
  heap_end += size;
  added->size = size;
  add_free(added);
  return 1;
}

static block *take(size_t size) {
  for (block **link = &free_blocks; *link; link = &(*link)->next) {
    block *taken = *link;
    if (taken->size < size) continue;
    if (taken->size - size >= 4 * UNIT) {
      block *rest = (block *)((uintptr_t)taken + size);
      rest->size = taken->size - size;
      rest->next = taken->next;
      taken->size = size;
      *link = rest;
    } else {
      *link = taken->next;
    }
    return taken;
  }
  return NULL;
}

/* `size` bytes at a multiple of `alignment`, a power of two; the word before them says which block they are in. */
static void *allocate(size_t size, size_t alignment) {
  if (alignment < UNIT) alignment = UNIT;
  const size_t overhead = sizeof(block) + sizeof(block *) + alignment;
  if (size > PTRDIFF_MAX - overhead - UNIT) return NULL;
  const size_t total = round_up(size + overhead, UNIT);
  block *taken = take(total);
  if (!taken) taken = grow(total) ? take(total) : NULL;
  if (!taken) return NULL;
  const uintptr_t address = round_up((uintptr_t)(taken + 1) + sizeof(block *), alignment);
  ((block **)address)[-1] = taken;
  return (void *)address;
}

void *malloc(size_t size) { return allocate(size, UNIT); }

void *calloc(size_t count, size_t size) {
  size_t product;
  if (__builtin_mul_overflow(count, size, &product)) return NULL;
  void *memory = allocate(product, UNIT);
  if (memory) __builtin_memset(memory, 0, product);
  return memory;
}

int posix_memalign(void **memory, size_t alignment, size_t size) {
  void *result = allocate(size, alignment);
  if (!result) return ENOMEM;
  *memory = result;
  return 0;
}

void free(void *memory) {
  if (memory) add_free(((block **)memory)[-1]);
}

/* Each becomes one instruction of the bulk memory operations. */
void *memcpy(void *restrict target, const void *restrict source, size_t size) { return __builtin_memcpy(target, source, size); }
void *memmove(void *target, const void *source, size_t size) { return __builtin_memmove(target, source, size); }
void *memset(void *target, int value, size_t size) { return __builtin_memset(target, value, size); }

int memcmp(const void *a, const void *b, size_t size) {
  const unsigned char *left = a, *right = b;
  for (size_t index = 0; index < size; index++)
    if (left[index] != right[index]) return left[index] - right[index];
  return 0;
}

int strcmp(const char *a, const char *b) {
  while (*a && *a == *b) a++, b++;
  return (unsigned char)*a - (unsigned char)*b;
}

size_t strlen(const char *text) {
  size_t length = 0;
  while (text[length]) length++;
  return length;
}

char *strcpy(char *restrict target, const char *restrict source) { return memcpy(target, source, strlen(source) + 1); }

/* The low 128 bits of a product, which checked multiplications of 64 bits call. */
__int128 __multi3(__int128 a, __int128 b) {
  const uint64_t a_low = (uint64_t)a, b_low = (uint64_t)b;
  const uint64_t a0 = (uint32_t)a_low, a1 = a_low >> 32, b0 = (uint32_t)b_low, b1 = b_low >> 32;
  const uint64_t low = a0 * b0, middle = a1 * b0 + (low >> 32), cross = a0 * b1 + (uint32_t)middle;
  const uint64_t high = a1 * b1 + (middle >> 32) + (cross >> 32) + (uint64_t)(a >> 64) * b_low + a_low * (uint64_t)(b >> 64);
  return (__int128)((unsigned __int128)high << 64 | cross << 32 | (uint32_t)low);
}
