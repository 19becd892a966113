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

/// The kernels of integer models, likewise. The dot product of bytes is asked for besides the level; "avx2" is AVX2 alone, and
/// "avxvnni" AVX2 with it.
package func selectIntegerKernels() -> dnn_integer_kernels {
  var kernels = dnn_integer_kernels()
  #if arch(x86_64)
    let level = instructionSetLevel()
    if level >= DNN_CPU_AVX512 && dnn_cpu_has_avx512_vnni() != 0 {
      integer_kernels_avx512(&kernels)
    } else if level >= DNN_CPU_AVX2 && !wishes("avx2") && dnn_cpu_has_avx_vnni() != 0 {
      integer_kernels_avxvnni(&kernels)
    } else if level >= DNN_CPU_AVX2 {
      integer_kernels_avx2(&kernels)
    } else {
      integer_kernels_portable(&kernels)
    }
  #else
    integer_kernels_portable(&kernels)
  #endif
  return kernels
}

/// Whether DNN_INSTRUCTION_SET is this.
private func wishes(_ name: StaticString) -> Bool {
  guard let wish = getenv(cString("DNN_INSTRUCTION_SET")) else { return false }
  return strcmp(wish, cString(name)) == 0
}

private let unknownLevel = -1
private let cachedLevel = Atomic<Int>(unknownLevel)

/// One of the levels of cpu.h.
package func instructionSetLevel() -> Int {
  let cached = cachedLevel.load(ordering: .relaxed)
  if cached != unknownLevel { return cached }
  var level = Int(dnn_cpu_level())
  if wishes("portable") { level = min(level, DNN_CPU_PORTABLE) }
  if wishes("avx2") || wishes("avxvnni") { level = min(level, DNN_CPU_AVX2) }
  cachedLevel.store(level, ordering: .relaxed)
  return level
}
