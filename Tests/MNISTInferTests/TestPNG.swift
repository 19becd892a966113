import CZlib

/// A PNG of any colour type and bit depth, written by the rules of the specification (third edition) and not by libpng: filter 0,
/// interlaced or not, with any chunks before the pixels.
struct TestPNG {
  enum Colour: UInt8, CaseIterable {
    case grey = 0
    case rgb = 2
    case palette = 3
    case greyAlpha = 4
    case rgba = 6

    var samples: Int { [.grey: 1, .rgb: 3, .palette: 1, .greyAlpha: 2, .rgba: 4][self]! }
    var depths: [Int] {
      switch self {
      case .grey: [1, 2, 4, 8, 16]
      case .palette: [1, 2, 4, 8]
      case .rgb, .greyAlpha, .rgba: [8, 16]
      }
    }
    /// Whether a chunk tRNS may make it transparent.
    var takesTransparency: Bool { self == .grey || self == .rgb || self == .palette }
  }

  var colour: Colour
  var depth: Int
  var width: Int
  var height: Int
  /// Row-major, the samples of a pixel together, each less than 2^depth.
  var samples: [Int]
  /// Red, green and blue of each index.
  var palette: [[UInt8]] = []
  var isInterlaced = false
  /// Between IHDR and what follows: name and data.
  var chunks: [(String, [UInt8])] = []
  /// The data of tRNS.
  var transparency: [UInt8]?

  var bytes: [UInt8] {
    var file: [UInt8] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
    file += chunk(
      "IHDR", number(width) + number(height) + [UInt8(depth), colour.rawValue, 0, 0, isInterlaced ? 1 : 0])
    for (name, data) in chunks { file += chunk(name, data) }
    if !palette.isEmpty { file += chunk("PLTE", palette.flatMap { $0 }) }
    if let transparency { file += chunk("tRNS", transparency) }
    let lines = isInterlaced ? Self.passes.flatMap { rows($0) } : rows((0, 0, 1, 1))
    return file + chunk("IDAT", compressed(lines)) + chunk("IEND", [])
  }

  /// Adam7: first column, first row, and the steps from there (section 8.2).
  private static let passes = [
    (0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2),
  ]

  private func rows(_ pass: (x: Int, y: Int, right: Int, down: Int)) -> [UInt8] {
    guard pass.x < width else { return [] }
    return stride(from: pass.y, to: height, by: pass.down).flatMap { y -> [UInt8] in
      let row = stride(from: pass.x, to: width, by: pass.right).flatMap { x in pixel(y * width + x) }
      return [0] + packed(row)
    }
  }

  private func pixel(_ index: Int) -> [Int] {
    let start = index * colour.samples
    return Array(samples[start..<(start + colour.samples)])
  }

  /// Whether a pixel has the colour that tRNS makes transparent.
  private func isKey(_ pixel: [Int]) -> Bool {
    guard let transparency else { return false }
    let key = (0..<(transparency.count / 2)).map { index -> Int in
      Int(transparency[2 * index]) * 256 + Int(transparency[2 * index + 1])
    }
    return pixel == key
  }

  /// Samples in bits, the first one in the highest.
  private func packed(_ row: [Int]) -> [UInt8] {
    if depth == 16 { return row.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] } }
    var bytes = [UInt8](repeating: 0, count: (row.count * depth + 7) / 8)
    for (index, sample) in row.enumerated() {
      let bit = index * depth
      bytes[bit / 8] |= UInt8(sample << (8 - depth - bit % 8))
    }
    return bytes
  }

  /// What the pixels are in 8 bits, by the format's specification: red, green, blue, alpha.
  var expected: [UInt8] { (0..<(width * height)).flatMap { expected(pixel($0)) } }

  private func expected(_ pixel: [Int]) -> [UInt8] {
    if colour == .palette {
      let alphas = transparency ?? []
      return palette[pixel[0]] + [pixel[0] < alphas.count ? alphas[pixel[0]] : 255]
    }
    let values = pixel.map { eightBits($0) }
    let alpha: UInt8 = isKey(pixel) ? 0 : 255
    switch colour {
    case .grey: return [values[0], values[0], values[0], alpha]
    case .greyAlpha: return [values[0], values[0], values[0], values[1]]
    case .rgb: return values + [alpha]
    default: return values
    }
  }

  /// n / 257 rounded for 16 bits, and otherwise the number of all ones made 255.
  private func eightBits(_ sample: Int) -> UInt8 {
    depth == 16 ? UInt8((Double(sample) / 257).rounded()) : UInt8(sample * 255 / (1 << depth - 1))
  }

  private func compressed(_ bytes: [UInt8]) -> [UInt8] {
    var count = compressBound(uLong(bytes.count))
    var result = [UInt8](repeating: 0, count: Int(count))
    precondition(compress(&result, &count, bytes, uLong(bytes.count)) == Z_OK)
    return Array(result.prefix(Int(count)))
  }

  private func chunk(_ name: String, _ data: [UInt8]) -> [UInt8] {
    let body = Array(name.utf8) + data
    return number(data.count) + body + number(Int(crc32(0, body, uInt(body.count))))
  }

  private func number(_ value: Int) -> [UInt8] { [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) } }
}
