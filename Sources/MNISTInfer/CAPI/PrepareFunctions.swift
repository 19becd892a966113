import CMNISTInfer

/// `dnn_prepare_png_file` of mnistinfer.h.
@_cdecl("dnn_prepare_png_file")
public func preparePNGFile(
  _ model: OpaquePointer?, _ path: UnsafePointer<CChar>?, _ image: UnsafeMutablePointer<UInt8>?,
  _ error: UnsafeMutablePointer<dnn_error>?
) -> dnn_status {
  prepare(.file(path), model, image, error, "dnn_prepare_png_file")
}

/// `dnn_prepare_png_memory` of mnistinfer.h.
@_cdecl("dnn_prepare_png_memory")
public func preparePNGMemory(
  _ model: OpaquePointer?, _ bytes: UnsafeRawPointer?, _ size: Int, _ image: UnsafeMutablePointer<UInt8>?,
  _ error: UnsafeMutablePointer<dnn_error>?
) -> dnn_status {
  prepare(.memory(bytes, size), model, image, error, "dnn_prepare_png_memory")
}
