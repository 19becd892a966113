import CKernels

/// A build of a table of kernels.
protocol KernelBuild: CaseIterable, Sendable {
  associatedtype Kernels
  var kernels: Kernels { get }
  /// Whether this processor can run it.
  var isAvailable: Bool { get }
}

extension KernelBuild {
  /// Those that this processor can run. A run of the tests says which it leaves out.
  static func filterAvailable() -> [Self] {
    allCases.filter {
      if $0.isAvailable { return true }
      print("skipped: \(Self.self) \($0), because this processor cannot run its kernels")
      return false
    }
  }
}

/// A build of the kernels of floats.
enum InstructionSet: KernelBuild, CustomStringConvertible {
  case portable
  case avx2
  case avx512

  static let available = filterAvailable()

  var isAvailable: Bool {
    switch self {
    case .portable: true
    case .avx2: Int(dnn_cpu_level()) >= DNN_CPU_AVX2
    case .avx512: Int(dnn_cpu_level()) >= DNN_CPU_AVX512
    }
  }

  var kernels: dnn_kernels {
    var kernels = dnn_kernels()
    switch self {
    #if arch(x86_64)
      case .avx512: kernels_avx512(&kernels)
      case .avx2: kernels_avx2(&kernels)
    #endif
    default: kernels_portable(&kernels)
    }
    return kernels
  }

  var trainingKernels: dnn_training_kernels {
    var kernels = dnn_training_kernels()
    switch self {
    #if arch(x86_64)
      case .avx512: training_kernels_avx512(&kernels)
      case .avx2: training_kernels_avx2(&kernels)
    #endif
    default: training_kernels_portable(&kernels)
    }
    return kernels
  }

  /// Whether a multiply-add is rounded once, not twice.
  var isFused: Bool {
    #if arch(arm64)
      true
    #else
      self != .portable
    #endif
  }

  var lanes: Int { Int(kernels.lanes) }

  /// The numbers of columns that a matrix product can have.
  var panels: [Int] { [lanes, 2 * lanes, Int(kernels.widest_panel)] }

  var description: String { String(cString: kernels.name) }
}
