import CMNISTInfer

/// `dnn_prepare_png_file` of mnistinfer.h.
@_cdecl("dnn_prepare_png_file")
public func preparePNGFile(
  _ model: OpaquePointer?, _ path: UnsafePointer<CChar>?, _ image: UnsafeMutablePointer<UInt8>?,
  _ error: UnsafeMutablePointer<dnn_error>?
) -> dnn_status {
  report(error) { () throws(Failure) in
    guard let path else { throw Failure(.badArgument, "dnn_prepare_png_file: path is NULL") }
    guard let model else { throw Failure(.badArgument, "model is NULL") }
    try withPicture(at: path, Model.Handle(model).pointee.limits) { (png) throws(Failure) in
      try prepare(model, png, image)
    }
  }
}

/// `dnn_prepare_png_memory` of mnistinfer.h.
@_cdecl("dnn_prepare_png_memory")
public func preparePNGMemory(
  _ model: OpaquePointer?, _ bytes: UnsafeRawPointer?, _ size: Int, _ image: UnsafeMutablePointer<UInt8>?,
  _ error: UnsafeMutablePointer<dnn_error>?
) -> dnn_status {
  report(error) { () throws(Failure) in
    guard bytes != nil || size == 0 else { throw Failure(.badArgument, "dnn_prepare_png_memory: bytes is NULL") }
    guard size >= 0 else { throw Failure(.badArgument, "dnn_prepare_png_memory: size is out of range") }
    try prepare(model, UnsafeRawBufferPointer(start: bytes, count: size), image)
  }
}

private func prepare(
  _ model: OpaquePointer?, _ png: UnsafeRawBufferPointer, _ image: UnsafeMutablePointer<UInt8>?
) throws(Failure) {
  guard let model else { throw Failure(.badArgument, "model is NULL") }
  guard let image else { throw Failure(.badArgument, "image is NULL") }
  let handle = Model.Handle(model)
  let picture = try Picture(png: png, limit: handle.pointee.limits.picture)
  try prepare(picture, handle.pointee.preparation, handle.pointee.network.input, into: image)
}

/// Does something with a PNG's bytes; a failure that is the picture's names the file.
func withPicture(
  at path: UnsafePointer<CChar>, _ limits: ResourceLimits, _ body: (UnsafeRawBufferPointer) throws(Failure) -> Void
) throws(Failure) {
  let file = try FileBytes(.picture, path: path, limits)
  do throws(Failure) {
    try body(file.bytes)
  } catch {
    throw error.status == .badArgument ? error : Failure(error.status, "\(path): \(error.message)")
  }
}
