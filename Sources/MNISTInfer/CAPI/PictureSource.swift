/// A picture as a caller gave it, of which nothing is checked yet.
enum PictureSource {
  #if !arch(wasm32)  // where libpng is not
    /// A PNG file's path.
    case file(UnsafePointer<CChar>?)
    /// A PNG of so many bytes.
    case memory(UnsafeRawPointer?, Int)
  #endif
  /// Red, green, blue and alpha, whose rows start `stride` bytes apart.
  case pixels(UnsafePointer<UInt8>?, width: UInt32, height: UInt32, stride: Int)

  /// Writes what the model sees of the picture, or throws and writes nothing. What is wrong with a file's contents names it.
  @inline(never) func write(
    to image: UnsafeMutablePointer<UInt8>, for model: Model.Handle, _ function: StaticString
  ) throws(Failure) {
    switch self {
    #if !arch(wasm32)
      case .file(let path):
        guard let path else { throw badArgument(function, "path is NULL") }
        let file = try FileBytes(.picture, path: path, model.pointee.limits)
        do throws(Failure) {
          try preparePNG(file.bytes, for: model, into: image)
        } catch {
          throw Failure(error.status, "\(path: path): \(error.message)")
        }
      case .memory(let bytes, let size):
        guard bytes != nil || size == 0 else { throw badArgument(function, "bytes is NULL") }
        guard size >= 0 else { throw badArgument(function, "size is out of range") }
        try preparePNG(UnsafeRawBufferPointer(start: bytes, count: size), for: model, into: image)
    #endif
    case .pixels(let pixels, let width, let height, let stride):
      // On 32 bits a width may be more than an `Int`, and then is too large as well.
      let picture = try Picture(
        rgba: pixels, width: Int(clamping: width), height: Int(clamping: height), stride: stride,
        limit: model.pointee.limits.picture)
      try prepare(picture, model.pointee.preparation, model.pointee.network.input, into: image)
    }
  }
}

#if !arch(wasm32)
  @inline(never) private func preparePNG(
    _ png: UnsafeRawBufferPointer, for model: Model.Handle, into image: UnsafeMutablePointer<UInt8>
  ) throws(Failure) {
    let picture = try Picture(png: png, limit: model.pointee.limits.picture)
    try prepare(picture, model.pointee.preparation, model.pointee.network.input, into: image)
  }
#endif
