import CKernels
import CPlatform
import Synchronization

/// The kernels to use on this processor: the best that it has, or the lower ones that DNN_INSTRUCTION_SET names.
///
/// Asked once: in a virtual machine each CPUID instruction leaves the guest, which takes tens of microseconds.
package func selectKernels() -> dnn_kernels {
  var kernels = dnn_kernels()
  #if arch(x86_64)
    switch instructionSetLevel() {
    case DNN_CPU_AVX512: kernels_avx512(&kernels)
    case DNN_CPU_AVX2: kernels_avx2(&kernels)
    default: kernels_portable(&kernels)
    }
  #else
    kernels_portable(&kernels)
  #endif
  return kernels
}

/// The kernels that training needs besides, for the same instruction set.
package func selectTrainingKernels() -> dnn_training_kernels {
  var kernels = dnn_training_kernels()
  #if arch(x86_64)
    switch instructionSetLevel() {
    case DNN_CPU_AVX512: training_kernels_avx512(&kernels)
    case DNN_CPU_AVX2: training_kernels_avx2(&kernels)
    default: training_kernels_portable(&kernels)
    }
  #else
    training_kernels_portable(&kernels)
  #endif
  return kernels
}

/// The kernels of integer models, likewise; the dot product of bytes is asked for besides the level.
package func selectIntegerKernels() -> dnn_integer_kernels {
  var kernels = dnn_integer_kernels()
  #if arch(x86_64)
    let choice = instructionSetChoice()
    if choice.level >= DNN_CPU_AVX512 && dnn_cpu_has_avx512_vnni() != 0 {
      integer_kernels_avx512(&kernels)
    } else if choice.level >= DNN_CPU_AVX2 && choice.allowsDots && dnn_cpu_has_avx_vnni() != 0 {
      integer_kernels_avxvnni(&kernels)
    } else if choice.level >= DNN_CPU_AVX2 {
      integer_kernels_avx2(&kernels)
    } else {
      integer_kernels_portable(&kernels)
    }
  #else
    integer_kernels_portable(&kernels)
  #endif
  return kernels
}

/// One of the levels of cpu.h.
package func instructionSetLevel() -> Int { instructionSetChoice().level }

/// The level that may be used, with `dotsBit` if AVX2 may be with the dot product of bytes.
private let cachedChoice = Atomic<Int>(unknownChoice)
private let unknownChoice = -1
private let dotsBit = 1 << 8

private func instructionSetChoice() -> (level: Int, allowsDots: Bool) {
  var choice = cachedChoice.load(ordering: .relaxed)
  if choice == unknownChoice {
    choice = findChoice()
    cachedChoice.store(choice, ordering: .relaxed)
  }
  return (choice & (dotsBit - 1), choice & dotsBit != 0)
}

private func findChoice() -> Int {
  let level = Int(dnn_cpu_level())
  guard let wish = getenv(cString("DNN_INSTRUCTION_SET")) else { return level | dotsBit }
  if strcmp(wish, cString("portable")) == 0 { return min(level, DNN_CPU_PORTABLE) }
  if strcmp(wish, cString("avx2")) == 0 { return min(level, DNN_CPU_AVX2) }
  if strcmp(wish, cString("avxvnni")) == 0 { return min(level, DNN_CPU_AVX2) | dotsBit }
  return level | dotsBit
}
