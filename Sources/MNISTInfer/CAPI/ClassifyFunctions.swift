import CMNISTInfer

/// `dnn_classify_png_file` of mnistinfer.h.
@_cdecl("dnn_classify_png_file")
public func classifyPNGFile(
  _ session: OpaquePointer?, _ path: UnsafePointer<CChar>?, _ predictions: UnsafeMutablePointer<dnn_prediction>?,
  _ capacity: Int, _ count: UnsafeMutablePointer<Int>?, _ error: UnsafeMutablePointer<dnn_error>?
) -> dnn_status {
  classify(.file(path), session, predictions, capacity, count, error, "dnn_classify_png_file")
}

/// `dnn_classify_png_memory` of mnistinfer.h.
@_cdecl("dnn_classify_png_memory")
public func classifyPNGMemory(
  _ session: OpaquePointer?, _ bytes: UnsafeRawPointer?, _ size: Int,
  _ predictions: UnsafeMutablePointer<dnn_prediction>?,
  _ capacity: Int, _ count: UnsafeMutablePointer<Int>?, _ error: UnsafeMutablePointer<dnn_error>?
) -> dnn_status {
  classify(.memory(bytes, size), session, predictions, capacity, count, error, "dnn_classify_png_memory")
}
