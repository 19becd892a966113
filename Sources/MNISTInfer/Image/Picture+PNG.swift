import CPNG

extension Picture {
  /// Decodes a PNG in memory.
  package init(png bytes: UnsafeRawBufferPointer) throws(Failure) {
    guard bytes.count > 0 else { throw Failure(.badPicture, "the picture is empty") }
    guard !isInterlacedOf16Bits(bytes) else {
      throw Failure(
        .badPicture, "interlaced PNG pictures of 16 bits are not read: save it with 8 bits or not interlaced")
    }
    let essence = try PNGEssence(bytes)
    var image = png_image()
    image.version = UInt32(PNG_IMAGE_VERSION)
    guard png_image_begin_read_from_memory(&image, essence.bytes.start, essence.size) != 0 else {
      throw Picture.failure(&image, bytes)
    }
    let (width, height) = (Int(image.width), Int(image.height))
    image.format = UInt32(PNG_FORMAT_FLAG_COLOR | PNG_FORMAT_FLAG_ALPHA)
    // Without it libpng takes 16-bit values for linear light and makes them brighter.
    image.flags |= UInt32(PNG_IMAGE_FLAG_16BIT_sRGB)
    let pixels: Buffer<UInt8>
    do throws(Failure) {
      try Picture.checkSize(width, height)
      pixels = try Picture.memory(width, height)
    } catch {
      png_image_free(&image)
      throw error
    }
    // Frees what libpng holds, whether or not it succeeds.
    guard png_image_finish_read(&image, nil, pixels.start, Int32(4 * width), nil) != 0 else {
      throw Picture.failure(&image, bytes)
    }
    self.width = width
    self.height = height
    self.pixels = pixels
  }

  private static func failure(_ image: inout png_image, _ bytes: UnsafeRawBufferPointer) -> Failure {
    png_image_free(&image)
    if bytes.count >= 2, bytes[0] == 0xff, bytes[1] == 0xd8 {
      return Failure(.badPicture, "this is a JPEG picture: convert it to PNG")
    }
    return withUnsafeBytes(of: &image.message) {
      guard let text = $0.baseAddress else { return Failure(.badPicture, "not a PNG picture") }
      return Failure(.badPicture, "not a usable PNG picture: \(text.assumingMemoryBound(to: CChar.self))")
    }
  }
}

/// What the simplified interface of libpng 1.6.39 gets wrong: it mixes the rows up. The depth and the interlace method stand at bytes
/// 24 and 28, in the header that comes first (PNG specification, third edition, section 11.2.1).
private func isInterlacedOf16Bits(_ bytes: UnsafeRawBufferPointer) -> Bool {
  bytes.count > 28 && bytes[24] == 16 && bytes[28] != 0
}
