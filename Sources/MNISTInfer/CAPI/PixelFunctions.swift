import CMNISTInfer

/// `dnn_prepare_rgba` of mnistinfer.h.
@_cdecl("dnn_prepare_rgba")
public func prepareRGBA(
  _ model: OpaquePointer?, _ pixels: UnsafePointer<UInt8>?, _ width: UInt32, _ height: UInt32, _ stride: Int,
  _ image: UnsafeMutablePointer<UInt8>?, _ error: UnsafeMutablePointer<dnn_error>?
) -> dnn_status {
  report(error) { () throws(Failure) in
    guard let model else { throw Failure(.badArgument, "dnn_prepare_rgba: model is NULL") }
    guard let image else { throw Failure(.badArgument, "dnn_prepare_rgba: image is NULL") }
    let handle = Model.Handle(model)
    let picture = try Picture(
      rgba: pixels, width: Int(width), height: Int(height), stride: stride, limit: handle.pointee.limits.picture)
    try prepare(picture, handle.pointee.preparation, handle.pointee.network.input, into: image)
  }
}

/// `dnn_classify_rgba` of mnistinfer.h.
@_cdecl("dnn_classify_rgba")
public func classifyRGBA(
  _ session: OpaquePointer?, _ pixels: UnsafePointer<UInt8>?, _ width: UInt32, _ height: UInt32, _ stride: Int,
  _ predictions: UnsafeMutablePointer<dnn_prediction>?, _ capacity: Int, _ count: UnsafeMutablePointer<Int>?,
  _ error: UnsafeMutablePointer<dnn_error>?
) -> dnn_status {
  report(error) { () throws(Failure) in
    try classify(session, predictions, capacity, count) { (limit) throws(Failure) in
      try Picture(rgba: pixels, width: Int(width), height: Int(height), stride: stride, limit: limit)
    }
  }
}
