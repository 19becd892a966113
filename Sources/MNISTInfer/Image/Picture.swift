import CPNG
import CPlatform

/// A decoded picture: 8 bits a channel, red, green, blue and alpha, row-major.
///
/// The values are those in the file. Gamma, colour profiles and chromaticities are ignored on purpose: people's drawing programs
/// write them inconsistently, what a model was trained on had none, and contrast is stretched anyway.
package struct Picture: ~Copyable {
  package let width: Int
  package let height: Int
  package let pixels: Buffer<UInt8>

  /// 2^26 pixels take 256 MiB; photographs have fewer.
  package static let maximumPixels = 1 << 26

  /// Decodes a PNG in memory.
  package init(png bytes: UnsafeRawBufferPointer) throws(Failure) {
    guard bytes.count > 0 else { throw Failure(.badPicture, "the picture is empty") }
    let essence = try PNGEssence(bytes)
    var image = png_image()
    image.version = UInt32(PNG_IMAGE_VERSION)
    guard png_image_begin_read_from_memory(&image, essence.bytes.start, essence.size) != 0 else {
      throw Picture.failure(&image, bytes)
    }
    let (width, height) = (Int(image.width), Int(image.height))
    let (count, overflow) = width.multipliedReportingOverflow(by: height)
    guard !overflow, count <= Picture.maximumPixels else {
      png_image_free(&image)
      throw Failure(
        .badPicture, "the picture of \(width)×\(height) pixels is too large: at most \(Picture.maximumPixels)")
    }
    image.format = UInt32(PNG_FORMAT_FLAG_COLOR | PNG_FORMAT_FLAG_ALPHA)
    // Without it libpng takes 16-bit values for linear light and makes them brighter.
    image.flags |= UInt32(PNG_IMAGE_FLAG_16BIT_sRGB)
    let pixels: Buffer<UInt8>
    do throws(Failure) {
      pixels = try Buffer(count: 4 * count)
    } catch {
      png_image_free(&image)
      throw Failure(.outOfMemory, "no memory for a picture of \(width)×\(height) pixels")
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
