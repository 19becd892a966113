import CKernels

/// A build of the kernels of integers.
enum IntegerInstructionSet: KernelBuild {
  case portable
  case avx2
  case avxvnni
  case avx512

  static let available = filterAvailable()

  var isAvailable: Bool {
    #if arch(x86_64)
      let level = Int(dnn_cpu_level())
      return switch self {
      case .portable: true
      case .avx2: level >= DNN_CPU_AVX2
      case .avxvnni: level >= DNN_CPU_AVX2 && dnn_cpu_has_avx_vnni() != 0
      case .avx512: level >= DNN_CPU_AVX512 && dnn_cpu_has_avx512_vnni() != 0
      }
    #else
      return self == .portable
    #endif
  }

  var kernels: dnn_integer_kernels {
    var kernels = dnn_integer_kernels()
    switch self {
    #if arch(x86_64)
      case .avx512: integer_kernels_avx512(&kernels)
      case .avxvnni: integer_kernels_avxvnni(&kernels)
      case .avx2: integer_kernels_avx2(&kernels)
    #endif
    default: integer_kernels_portable(&kernels)
    }
    return kernels
  }

  var lanes: Int { Int(kernels.lanes) }

  /// The widths of panel that a matrix product can have.
  var panels: [Int] { [lanes, 2 * lanes, Int(kernels.widest_panel)] }
}
