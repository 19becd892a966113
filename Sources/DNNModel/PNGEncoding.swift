import CPNG

/// Pixels as a PNG.
///
/// - Parameters:
///   - pixels: 8 bits a channel, row-major, channels last.
///   - width: in pixels, at least 1.
///   - height: in pixels, at least 1.
///   - channels: 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA.
/// - Returns: the bytes of a file, or nil if memory runs out.
package func encodedPNG(_ pixels: [UInt8], width: Int, height: Int, channels: Int) -> [UInt8]? {
  precondition(pixels.count == width * height * channels && (1...4).contains(channels))
  var image = png_image()
  image.version = UInt32(PNG_IMAGE_VERSION)
  image.width = UInt32(width)
  image.height = UInt32(height)
  image.format = UInt32((channels >= 3 ? PNG_FORMAT_FLAG_COLOR : 0) | (channels % 2 == 0 ? PNG_FORMAT_FLAG_ALPHA : 0))
  var size = 0
  guard png_image_write_to_memory(&image, nil, &size, 0, pixels, 0, nil) != 0 else { return nil }
  var bytes = [UInt8](repeating: 0, count: size)
  guard png_image_write_to_memory(&image, &bytes, &size, 0, pixels, 0, nil) != 0 else { return nil }
  return Array(bytes.prefix(size))
}
