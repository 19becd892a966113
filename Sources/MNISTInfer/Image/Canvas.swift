/// A picture made small enough to look at all of it several times, with its transparent parts filled: red, green and blue, 8 bits
/// each, row-major.
struct Canvas: ~Copyable {
  let width: Int
  let height: Int
  let pixels: Buffer<UInt8>

  /// The longer side at most. A digit that takes a tenth of a photograph still has more pixels than the network's input.
  static let maximumSide = 512

  /// Each pixel is the mean of a square of the picture's.
  init(_ picture: borrowing Picture) throws(Failure) {
    let factor = (max(picture.width, picture.height) + Canvas.maximumSide - 1) / Canvas.maximumSide
    let (width, height) = ((picture.width + factor - 1) / factor, (picture.height + factor - 1) / factor)
    let pixels = try Buffer<UInt8>(count: 3 * width * height)
    let sums = try Buffer<SIMD4<Int64>>(count: width)
    let background = Plane.background(of: picture)
    for y in 0..<height {
      let rows = (y * factor)..<min((y + 1) * factor, picture.height)
      sums.start.fill(with: .zero, count: width)
      for row in rows {
        Canvas.add(picture.pixels.start + 4 * row * picture.width, picture.width, factor, to: sums.start)
      }
      for x in 0..<width {
        let whole = Int64(255 * rows.count * (min((x + 1) * factor, picture.width) - x * factor))
        let sum = sums.start[x]
        for channel in 0..<3 {
          let value = (sum[channel] + Int64(background) * (whole - sum.w) + whole / 2) / whole
          pixels.start[3 * (y * width + x) + channel] = UInt8(truncatingIfNeeded: value)
        }
      }
    }
    self.width = width
    self.height = height
    self.pixels = pixels
  }

  /// Adds each square's part of a row: its colours times their alpha, and its alphas.
  private static func add(
    _ line: UnsafePointer<UInt8>, _ width: Int, _ factor: Int, to sums: UnsafeMutablePointer<SIMD4<Int64>>
  ) {
    var (pixel, target) = (0, 0)
    while pixel < width {
      // The sum of 2^16 pixels fits; a square that is wider is added in pieces.
      let end = min((target + 1) * factor, min(pixel + (1 << 16), width))
      var sum = SIMD4<UInt32>.zero
      while pixel < end {
        let value = SIMD4<UInt32>(
          UInt32(line[4 * pixel]), UInt32(line[4 * pixel + 1]), UInt32(line[4 * pixel + 2]), UInt32(line[4 * pixel + 3])
        )
        sum &+= value &* SIMD4(value.w, value.w, value.w, 1)
        pixel += 1
      }
      sums[target] &+= SIMD4<Int64>(truncatingIfNeeded: sum)
      if pixel == (target + 1) * factor { target += 1 }
    }
  }

  /// The value that half of a channel's pixels do not exceed: the paper's, as long as ink covers less than half.
  func median(channel: Int) -> Int {
    var histogram = InlineArray<256, Int>(repeating: 0)
    for index in 0..<(width * height) { histogram[Int(pixels.start[3 * index + channel])] += 1 }
    var (value, below) = (0, histogram[0])
    while 2 * below < width * height {
      value += 1
      below += histogram[value]
    }
    return value
  }
}
