import CKernels
import CMNISTInfer

@_cdecl("dnn_version")
public func dnn_version() -> UnsafePointer<CChar> { cString("0.1.0") }

@_cdecl("dnn_instruction_set")
public func dnn_instruction_set() -> UnsafePointer<CChar> { selectKernels().name }
