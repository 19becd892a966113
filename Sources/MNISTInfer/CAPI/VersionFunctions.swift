import CKernels
import CMNISTInfer

/// `dnn_version` of mnistinfer.h.
@_cdecl("dnn_version")
public func version() -> UnsafePointer<CChar> { cString("0.1.0") }

/// `dnn_instruction_set` of mnistinfer.h.
@_cdecl("dnn_instruction_set")
public func instructionSet() -> UnsafePointer<CChar> { selectKernels().name }
