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

/// `dnn_prepare_rgba` of mnistinfer.h.
@_cdecl("dnn_prepare_rgba")
public func prepareRGBA(
  _ model: OpaquePointer?, _ pixels: UnsafePointer<UInt8>?, _ width: UInt32, _ height: UInt32, _ stride: Int,
  _ image: UnsafeMutablePointer<UInt8>?, _ error: UnsafeMutablePointer<dnn_error>?
) -> dnn_status {
  prepare(
    .pixels(pixels, width: width, height: height, stride: stride), model, image, error, "dnn_prepare_rgba")
}

@inline(never) private func prepare(
  _ picture: PictureSource, _ model: OpaquePointer?, _ image: UnsafeMutablePointer<UInt8>?,
  _ error: UnsafeMutablePointer<dnn_error>?, _ function: StaticString
) -> dnn_status {
  report(error) { () throws(Failure) in
    guard let model else { throw badArgument(function, "model is NULL") }
    guard let image else { throw badArgument(function, "image is NULL") }
    try picture.write(to: image, for: Model.Handle(model), function)
  }
}
