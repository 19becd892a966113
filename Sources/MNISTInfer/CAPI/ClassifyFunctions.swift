import CMNISTInfer

/// `dnn_classify_png_file` of mnistinfer.h.
@_cdecl("dnn_classify_png_file")
public func classifyPNGFile(
  _ session: OpaquePointer?, _ path: UnsafePointer<CChar>?, _ predictions: UnsafeMutablePointer<dnn_prediction>?,
  _ capacity: Int, _ count: UnsafeMutablePointer<Int>?, _ error: UnsafeMutablePointer<dnn_error>?
) -> dnn_status {
  report(error) { () throws(Failure) in
    guard let path else { throw Failure(.badArgument, "dnn_classify_png_file: path is NULL") }
    // Before the file is read, whose size depends on it.
    guard let session else { throw Failure(.badArgument, "session is NULL") }
    let limits = UnsafeMutablePointer<Session>(session).pointee.model.pointee.limits
    try withPicture(at: path, limits) { (png) throws(Failure) in
      try classify(session, png, predictions, capacity, count)
    }
  }
}

/// `dnn_classify_png_memory` of mnistinfer.h.
@_cdecl("dnn_classify_png_memory")
public func classifyPNGMemory(
  _ session: OpaquePointer?, _ bytes: UnsafeRawPointer?, _ size: Int,
  _ predictions: UnsafeMutablePointer<dnn_prediction>?,
  _ capacity: Int, _ count: UnsafeMutablePointer<Int>?, _ error: UnsafeMutablePointer<dnn_error>?
) -> dnn_status {
  report(error) { () throws(Failure) in
    guard bytes != nil || size == 0 else { throw Failure(.badArgument, "dnn_classify_png_memory: bytes is NULL") }
    guard size >= 0 else { throw Failure(.badArgument, "dnn_classify_png_memory: size is out of range") }
    try classify(session, UnsafeRawBufferPointer(start: bytes, count: size), predictions, capacity, count)
  }
}

private func classify(
  _ session: OpaquePointer?, _ png: UnsafeRawBufferPointer, _ predictions: UnsafeMutablePointer<dnn_prediction>?,
  _ capacity: Int, _ count: UnsafeMutablePointer<Int>?
) throws(Failure) {
  try classify(session, predictions, capacity, count) { (limit) throws(Failure) in
    try Picture(png: png, limit: limit)
  }
}
