import CMNISTInfer

/// `dnn_prepare_rgba` of mnistinfer.h.
@_cdecl("dnn_prepare_rgba")
public func prepareRGBA(
  _ model: OpaquePointer?, _ pixels: UnsafePointer<UInt8>?, _ width: UInt32, _ height: UInt32, _ stride: Int,
  _ image: UnsafeMutablePointer<UInt8>?, _ error: UnsafeMutablePointer<dnn_error>?
) -> dnn_status {
  prepare(
    .pixels(pixels, width: width, height: height, stride: stride), model, image, error, "dnn_prepare_rgba")
}

/// `dnn_classify_rgba` of mnistinfer.h.
@_cdecl("dnn_classify_rgba")
public func classifyRGBA(
  _ session: OpaquePointer?, _ pixels: UnsafePointer<UInt8>?, _ width: UInt32, _ height: UInt32, _ stride: Int,
  _ predictions: UnsafeMutablePointer<dnn_prediction>?, _ capacity: Int, _ count: UnsafeMutablePointer<Int>?,
  _ error: UnsafeMutablePointer<dnn_error>?
) -> dnn_status {
  classify(
    .pixels(pixels, width: width, height: height, stride: stride), session, predictions, capacity, count, error,
    "dnn_classify_rgba")
}
