import CPNG
import CPlatform

extension Picture {
  /// Decodes a PNG in memory, of at most `limit` pixels.
  package init(png bytes: UnsafeRawBufferPointer, limit: Int = maximumPixels) throws(Failure) {
    guard bytes.count > 0 else { throw Failure(.badPicture, "the picture is empty") }
    let essence = try PNGEssence(bytes)
    var image = png_image()
    platform_clear_errno()
    image.version = UInt32(PNG_IMAGE_VERSION)
    guard png_image_begin_read_from_memory(&image, essence.bytes.start, essence.size) != 0 else {
      throw Picture.failure(&image, bytes)
    }
    let (width, height) = (Int(image.width), Int(image.height))
    image.format = UInt32(PNG_FORMAT_FLAG_COLOR | PNG_FORMAT_FLAG_ALPHA)
    let pixels: Buffer<UInt8>
    do throws(Failure) {
      try Picture.checkSize(width, height, limit)
      pixels = try Picture.memory(width, height)
    } catch {
      png_image_free(&image)
      throw error
    }
    let isRead =
      essence.isInterlacedSixteenBits
      ? try Picture.finishWide(&image, pixels, width: width) : Picture.finish(&image, pixels, width: width)
    guard isRead else { throw Picture.failure(&image, bytes) }
    self.width = width
    self.height = height
    self.pixels = pixels
  }

  /// Frees what libpng holds, whether or not it succeeds.
  private static func finish(_ image: inout png_image, _ pixels: borrowing Buffer<UInt8>, width: Int) -> Bool {
    // Without it libpng takes 16-bit values for linear light and makes them brighter.
    image.flags |= UInt32(PNG_IMAGE_FLAG_16BIT_sRGB)
    return png_image_finish_read(&image, nil, pixels.start, Int32(4 * width), nil) != 0
  }

  /// The same by way of 16 bits a channel.
  private static func finishWide(
    _ image: inout png_image, _ pixels: borrowing Buffer<UInt8>, width: Int
  ) throws(Failure) -> Bool {
    let wide: Buffer<UInt16>
    do throws(Failure) {
      wide = try Buffer(count: pixels.count)
    } catch {
      png_image_free(&image)
      throw error
    }
    image.format |= UInt32(PNG_FORMAT_FLAG_LINEAR)
    // The stride is in samples, not bytes.
    guard png_image_finish_read(&image, nil, wide.start, Int32(4 * width), nil) != 0 else { return false }
    reduce(wide, to: pixels)
    return true
  }

  /// Brings 16 bits to 8, rounded, and divides colours by the alpha that libpng multiplied them with. Where alpha is 0, colours are
  /// lost, and where it is a few 255ths, they may be off by one: neither can be seen.
  private static func reduce(_ wide: borrowing Buffer<UInt16>, to pixels: borrowing Buffer<UInt8>) {
    for start in stride(from: 0, to: pixels.count, by: 4) {
      let alpha = Int(wide[start + 3])
      for channel in start..<(start + 3) {
        let value = alpha == 0 ? 0 : (Int(wide[channel]) * 255 + alpha / 2) / alpha
        pixels.start[channel] = UInt8(min(value, 255))
      }
      // 65,535 is 257 times 255.
      pixels.start[start + 3] = UInt8((alpha + 128) / 257)
    }
  }

  /// PNG_USER_WIDTH_MAX and PNG_USER_HEIGHT_MAX of libpng as it is packaged.
  private static let longestSide: UInt32 = 1_000_000

  private static func failure(_ image: inout png_image, _ bytes: UnsafeRawBufferPointer) -> Failure {
    // libpng says so in words alone, and in others each time; malloc says it here.
    let isOutOfMemory = platform_errno() == ENOMEM
    png_image_free(&image)
    if isOutOfMemory { return Failure(.outOfMemory, "no memory to decode a picture") }
    if bytes.count >= 2, bytes[0] == 0xff, bytes[1] == 0xd8 {
      return Failure(.badPicture, "this is a JPEG picture: convert it to PNG")
    }
    guard bytes.count >= 4, UInt32(bigEndian: bytes.loadUnaligned(as: UInt32.self)) == 0x8950_4e47 else {
      return Failure(.badPicture, "not a usable PNG picture: it does not start as one; convert it to PNG")
    }
    if bytes.count >= 24 {
      // Of these libpng says "Invalid IHDR data". Signature, length and type of IHDR are 16 bytes.
      let width = UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 16, as: UInt32.self))
      let height = UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 20, as: UInt32.self))
      if max(width, height) > longestSide {
        return Failure(
          .badPicture, "a picture of \(width)×\(height) pixels: libpng takes sides of up to \(longestSide)")
      }
    }
    return withUnsafeBytes(of: &image.message) {
      guard let text = $0.baseAddress else { return Failure(.badPicture, "not a PNG picture") }
      return Failure(.badPicture, "not a usable PNG picture: \(text.assumingMemoryBound(to: CChar.self))")
    }
  }
}
