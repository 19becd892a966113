import CPNG
import CZlib
import Foundation

/// A PNG with the given pixels, written by libpng. Channels: 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA.
func png(_ pixels: [UInt8], width: Int, height: Int, channels: Int) -> [UInt8] {
  precondition(pixels.count == width * height * channels)
  var image = png_image()
  image.version = UInt32(PNG_IMAGE_VERSION)
  image.width = UInt32(width)
  image.height = UInt32(height)
  image.format = UInt32((channels >= 3 ? PNG_FORMAT_FLAG_COLOR : 0) | (channels % 2 == 0 ? PNG_FORMAT_FLAG_ALPHA : 0))
  var size = 0
  precondition(png_image_write_to_memory(&image, nil, &size, 0, pixels, 0, nil) != 0)
  var bytes = [UInt8](repeating: 0, count: size)
  precondition(png_image_write_to_memory(&image, &bytes, &size, 0, pixels, 0, nil) != 0)
  return Array(bytes.prefix(size))
}

/// A PNG that claims to be of a size, and has one short row of data.
func pngHeader(width: UInt32, height: UInt32) -> [UInt8] {
  func chunk(_ kind: String, _ data: [UInt8]) -> [UInt8] {
    let body = Array(kind.utf8) + data
    let sum = UInt32(crc32(0, body, uInt(body.count)))
    return bigEndian(UInt32(data.count)) + body + bigEndian(sum)
  }
  var packed = [UInt8](repeating: 0, count: 64)
  var count = uLongf(packed.count)
  precondition(compress(&packed, &count, [0, 0], 2) == Z_OK)
  return [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
    + chunk("IHDR", bigEndian(width) + bigEndian(height) + [8, 0, 0, 0, 0])
    + chunk("IDAT", Array(packed.prefix(Int(count))))
    + chunk("IEND", [])
}

private func bigEndian(_ value: UInt32) -> [UInt8] { withUnsafeBytes(of: value.bigEndian) { Array($0) } }

/// A filled ellipse of `ink` on `paper`, one channel.
func ellipse(
  width: Int, height: Int, centre: (x: Double, y: Double), radius: (x: Double, y: Double), ink: UInt8, paper: UInt8
) -> [UInt8] {
  (0..<(width * height)).map { index in
    let dx = (Double(index % width) - centre.x) / radius.x
    let dy = (Double(index / width) - centre.y) / radius.y
    return dx * dx + dy * dy <= 1 ? ink : paper
  }
}

/// A new folder that is removed with its owner.
final class TemporaryFolder {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "/mnistinfer-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ name: String, _ bytes: [UInt8]) throws -> String {
    let file = path + "/" + name
    try Data(bytes).write(to: URL(fileURLWithPath: file))
    return file
  }
}
