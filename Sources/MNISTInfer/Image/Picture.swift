/// A picture: 8 bits a channel, red, green, blue and alpha, row-major.
///
/// The values are those in the file. Gamma, colour profiles and chromaticities are ignored on purpose: people's drawing programs
/// write them inconsistently, what a model was trained on had none, and contrast is stretched anyway.
package struct Picture: ~Copyable {
  package let width: Int
  package let height: Int
  package let pixels: Buffer<UInt8>

  /// 2^26 pixels take 256 MiB; photographs have fewer.
  package static let maximumPixels = 1 << 26

  /// Copies at most `limit` pixels, whose rows start `stride` bytes apart.
  init(rgba: UnsafePointer<UInt8>?, width: Int, height: Int, stride: Int, limit: Int) throws(Failure) {
    guard let rgba else { throw Failure(.badArgument, "pixels is NULL") }
    guard width > 0, height > 0 else { throw Failure(.badPicture, "a picture of \(width)×\(height) pixels is empty") }
    try Picture.checkSize(width, height, limit)
    guard stride >= 4 * width else {
      throw Failure(.badArgument, "stride is \(stride), less than the \(4 * width) bytes of a row")
    }
    // Rows that far apart are no memory of anybody's; and their places would not fit an `Int`.
    guard stride <= Int.max / height else {
      throw Failure(.badArgument, "stride is \(stride): \(height) rows of it are more than there can be in memory")
    }
    let pixels = try Picture.memory(width, height)
    for row in 0..<height { (pixels.start + 4 * width * row).copy(from: rgba + stride * row, count: 4 * width) }
    self.width = width
    self.height = height
    self.pixels = pixels
  }

  static func checkSize(_ width: Int, _ height: Int, _ limit: Int) throws(Failure) {
    let (count, overflow) = width.multipliedReportingOverflow(by: height)
    guard !overflow, count <= limit else {
      throw Failure(
        .badPicture, "the picture of \(width)×\(height) pixels is too large: at most \(limit)")
    }
  }

  static func memory(_ width: Int, _ height: Int) throws(Failure) -> Buffer<UInt8> {
    do throws(Failure) {
      return try Buffer(count: 4 * width * height)
    } catch {
      error.message.discard()
      throw Failure(.outOfMemory, "no memory for a picture of \(width)×\(height) pixels")
    }
  }
}
