import CKernels

// This file's functions are the module's only entry points, each build's under another name.

/// Fills in the table of integer kernels for the instruction set this module was compiled for.
func fill(_ kernels: UnsafeMutablePointer<dnn_integer_kernels>, name: StaticString) {
  kernels.pointee.name = UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self)
  kernels.pointee.lanes = Lanes.count
  kernels.pointee.widest_panel = Widest.count
  kernels.pointee.quad_size = quadSize
  kernels.pointee.gemm = { integerGemm($0!.pointee) }
  kernels.pointee.pack = { integerPack($0!.pointee) }
  kernels.pointee.pool = { integerPool($0!.pointee) }
  kernels.pointee.add = { integerAdd($0!.pointee) }
}

#if INTEGER_KERNELS_AVX512
  /// `integer_kernels_avx512` of integer_kernels.h.
  @_cdecl("integer_kernels_avx512")
  func integerKernelsAVX512(_ kernels: UnsafeMutablePointer<dnn_integer_kernels>) {
    fill(kernels, name: "avx512")
  }
#elseif INTEGER_KERNELS_VNNI
  /// `integer_kernels_avxvnni` of integer_kernels.h.
  @_cdecl("integer_kernels_avxvnni")
  func integerKernelsAVXVNNI(_ kernels: UnsafeMutablePointer<dnn_integer_kernels>) {
    fill(kernels, name: "avxvnni")
  }
#elseif INTEGER_KERNELS_AVX2
  /// `integer_kernels_avx2` of integer_kernels.h.
  @_cdecl("integer_kernels_avx2")
  func integerKernelsAVX2(_ kernels: UnsafeMutablePointer<dnn_integer_kernels>) {
    fill(kernels, name: "avx2")
  }
#else
  /// `integer_kernels_portable` of integer_kernels.h.
  @_cdecl("integer_kernels_portable")
  func integerKernelsPortable(_ kernels: UnsafeMutablePointer<dnn_integer_kernels>) {
    fill(kernels, name: "portable")
  }
#endif
