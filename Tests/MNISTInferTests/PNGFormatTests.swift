import MNISTInfer
import TestSupport
import Testing

/// Every kind of PNG that there is: the pixels are those in the file, or there is an error.
@Suite struct PNGFormatTests {
  private func decoded(_ bytes: [UInt8]) throws -> [UInt8] {
    try bytes.withUnsafeBytes { bytes in
      let picture = try Picture(png: bytes)
      return (0..<picture.pixels.count).map { picture.pixels[$0] }
    }
  }

  /// One of each colour type, depth and way of transparency, of a size, with random samples.
  private func pictures(width: Int, height: Int, seed: UInt64) -> [TestPNG] {
    var random = Random(seed)
    var result: [TestPNG] = []
    for colour in TestPNG.Colour.allCases {
      for depth in colour.depths {
        let colours = colour == .palette ? max(2, (1 << depth) - 1) : 1 << depth
        let samples = (0..<(width * height * colour.samples)).map { _ in random.int(0...(colours - 1)) }
        var picture = TestPNG(colour: colour, depth: depth, width: width, height: height, samples: samples)
        if colour == .palette { picture.palette = (0..<colours).map { _ in random.bytes(3) } }
        result.append(picture)
        guard colour.takesTransparency else { continue }
        // The first pixel's colour, so that some pixel is transparent; of a palette, the alphas of half of it.
        picture.transparency =
          colour == .palette
          ? random.bytes((colours + 1) / 2)
          : samples.prefix(colour.samples).flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] }
        result.append(picture)
      }
    }
    return result
  }

  /// Equal alphas, equal colours where a pixel is opaque, and such that differ by one at most where something of it is seen.
  private func looksTheSame(_ pixels: [UInt8], _ expected: [UInt8]) -> Bool {
    pixels.count == expected.count
      && pixels.indices.allSatisfy { index in
        let alpha = expected[index | 3]
        let difference = abs(Int(pixels[index]) - Int(expected[index]))
        return index % 4 == 3 || alpha == 255 ? difference == 0 : alpha == 0 || difference <= 1
      }
  }

  @Test func everyKindGivesItsPixels() throws {
    var count = 0
    for (seed, (width, height)) in [(1, 1), (7, 5), (1, 9), (33, 2), (17, 16)].enumerated() {
      for var picture in pictures(width: width, height: height, seed: UInt64(seed)) {
        for isInterlaced in [false, true] {
          picture.isInterlaced = isInterlaced
          let name = """
            \(picture.colour), \(picture.depth) bits, \(width)×\(height), interlaced \(isInterlaced), \
            transparency \(picture.transparency != nil)
            """
          let pixels = try decoded(picture.bytes)
          if isInterlaced && picture.depth == 16 {
            #expect(looksTheSame(pixels, picture.expected), "\(name)")
          } else {
            #expect(pixels == picture.expected, "\(name)")
          }
          count += 1
        }
      }
    }
    #expect(count == 5 * 2 * (15 + 11))
  }

  @Test func sixteenBitsAreRounded() throws {
    let samples = Array(0...65_535)
    let grey = TestPNG(colour: .grey, depth: 16, width: 256, height: 256, samples: samples)
    #expect(try decoded(grey.bytes) == grey.expected)
  }

  /// Gamma, profiles and chromaticities change nothing, not even where they are damaged.
  @Test func coloursAreThoseInTheFile() throws {
    func gamma(_ value: UInt32) -> (String, [UInt8]) {
      ("gAMA", [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) })
    }
    let chunks: [[(String, [UInt8])]] = [
      [gamma(45_455)], [gamma(100_000)], [gamma(22_000)], [gamma(1)], [gamma(0)], [("sRGB", [0])],
      [gamma(100_000), ("cHRM", [UInt8](repeating: 0x11, count: 32))],
      [("iCCP", Array("profile".utf8) + [0, 0, 1, 2, 3])],
      [("cICP", [9, 16, 0, 1])], [("bKGD", [0, 1])], [("sBIT", [3])], [("zTXt", Array("note".utf8) + [0, 0, 9, 9])],
      [("gAMA", [1])], [("tIME", [1, 2, 3, 4, 5, 6, 7])], [("eXIf", [0x4d, 0x4d])],
      [("aaAa", [UInt8](repeating: 7, count: 999))],
    ]
    for var picture in pictures(width: 6, height: 5, seed: 9) {
      for list in chunks {
        picture.chunks = list
        #expect(
          try decoded(picture.bytes) == picture.expected, "\(picture.colour), \(picture.depth) bits, \(list.map(\.0))")
      }
    }
  }

  /// Cut at any length, every kind is an error; with any byte changed, it is a picture of its size or an error.
  @Test func damagedPicturesAreErrors() throws {
    var random = Random(3)
    for picture in pictures(width: 9, height: 4, seed: 5) {
      let bytes = picture.bytes
      for length in 0..<(bytes.count - 12) {
        #expect(throws: Failure.self, "\(picture.colour), \(picture.depth) bits, cut after \(length) bytes") {
          try decoded(Array(bytes[..<length]))
        }
      }
      for _ in 0..<100 {
        var changed = bytes
        changed[random.int(0...(bytes.count - 1))] ^= UInt8(random.int(1...255))
        do {
          let pixels = try decoded(changed)
          #expect(pixels.count % 4 == 0)
        } catch let failure as Failure {
          #expect(failure.status == .badPicture, "\(failure)")
        }
      }
    }
  }
}
