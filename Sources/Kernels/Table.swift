import CKernels

// This file's functions are the module's only entry points. Each instruction set's build gives them another name, because
// all of them end up in one library.

/// Fills in the table of inference kernels for the instruction set this module was compiled for.
func fill(_ kernels: UnsafeMutablePointer<dnn_kernels>, name: StaticString) {
  kernels.pointee.name = UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self)
  kernels.pointee.lanes = Lanes.count
  kernels.pointee.widest_panel = Widest.count
  kernels.pointee.gemm = { gemm($0!.pointee) }
  kernels.pointee.depthwise = { depthwise($0!.pointee) }
  kernels.pointee.winograd2_input = { winograd2Input($0!.pointee) }
  kernels.pointee.winograd2_output = { winograd2Output($0!.pointee) }
  kernels.pointee.winograd4_input = { winograd4Input($0!.pointee) }
  kernels.pointee.winograd4_output = { winograd4Output($0!.pointee) }
  kernels.pointee.max_pool = { maxPool($0!.pointee) }
  kernels.pointee.average_pool = { averagePool($0!.pointee) }
  kernels.pointee.elementwise = { elementwise($0!.pointee) }
  kernels.pointee.read_pixels = { readPixels($0!.pointee) }
  kernels.pointee.softmax = { softmax($0!, $1!, $2) }
}

/// Fills in the table of training kernels.
func fill(_ kernels: UnsafeMutablePointer<dnn_training_kernels>) {
  kernels.pointee.outer = { outer($0!.pointee) }
  kernels.pointee.channelwise = { channelwise($0!.pointee) }
  kernels.pointee.depthwise_gradient = { depthwiseGradient($0!.pointee) }
  kernels.pointee.winograd4_gradient = { winograd4Gradient($0!.pointee) }
  kernels.pointee.winograd4_weights = { winograd4Weights($0!.pointee) }
  kernels.pointee.winograd4_weight_gradient = { winograd4WeightGradient($0!.pointee) }
  kernels.pointee.activation_gradient = { activationGradient($0!.pointee) }
  kernels.pointee.channel_sums = { channelSums($0!.pointee) }
  kernels.pointee.channel_squares = { channelSquares($0!.pointee) }
  kernels.pointee.channel_products = { channelProducts($0!.pointee) }
  kernels.pointee.max_pool_gradient = { maxPoolGradient($0!.pointee) }
  kernels.pointee.dropout_factors = { dropoutFactors($0!.pointee) }
  kernels.pointee.normalise = { normalise($0!.pointee) }
  kernels.pointee.normalise_gradient = { normaliseGradient($0!.pointee) }
}

#if KERNELS_AVX512
  /// `kernels_avx512` of kernels.h.
  @_cdecl("kernels_avx512")
  func kernelsAVX512(_ kernels: UnsafeMutablePointer<dnn_kernels>) { fill(kernels, name: "avx512") }

  /// `training_kernels_avx512` of kernels.h.
  @_cdecl("training_kernels_avx512")
  func trainingKernelsAVX512(_ kernels: UnsafeMutablePointer<dnn_training_kernels>) { fill(kernels) }
#elseif KERNELS_AVX2
  /// `kernels_avx2` of kernels.h.
  @_cdecl("kernels_avx2")
  func kernelsAVX2(_ kernels: UnsafeMutablePointer<dnn_kernels>) { fill(kernels, name: "avx2") }

  /// `training_kernels_avx2` of kernels.h.
  @_cdecl("training_kernels_avx2")
  func trainingKernelsAVX2(_ kernels: UnsafeMutablePointer<dnn_training_kernels>) { fill(kernels) }
#else
  /// `kernels_portable` of kernels.h.
  @_cdecl("kernels_portable")
  func kernelsPortable(_ kernels: UnsafeMutablePointer<dnn_kernels>) { fill(kernels, name: "portable") }

  /// `training_kernels_portable` of kernels.h.
  @_cdecl("training_kernels_portable")
  func trainingKernelsPortable(_ kernels: UnsafeMutablePointer<dnn_training_kernels>) { fill(kernels) }
#endif
