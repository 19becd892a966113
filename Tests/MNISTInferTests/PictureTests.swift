import DNNModel
import MNISTInfer
import TestSupport
import Testing

@Suite struct PictureTests {
  static let digits = Preparation(polarity: .lightOnDark, placement: .centreOfMass, boxHeight: 20, boxWidth: 20)
  static let input = Shape(height: 28, width: 28, channels: 1)

  /// The pixels that the network would see.
  private func prepared(
    _ png: [UInt8], _ preparation: Preparation = digits, _ input: Shape = input
  ) throws -> [UInt8] {
    var pixels = [UInt8](repeating: 0, count: input.count)
    try png.withUnsafeBytes { try prepare(Picture(png: $0), preparation, input, into: &pixels) }
    return pixels
  }

  @Test func pictureOfTheDataSetIsUnchanged() throws {
    var random = Random(1)
    var pixels = random.bytes(784)
    for index in 0..<28 {
      (pixels[index], pixels[756 + index], pixels[28 * index], pixels[28 * index + 27]) = (0, 0, 0, 0)
    }
    #expect(try prepared(png(pixels, width: 28, height: 28, channels: 1)) == pixels)
    let colour = pixels.flatMap { [$0, $0, $0] }
    #expect(try prepared(png(colour, width: 28, height: 28, channels: 3)) == pixels)
    // Dark on light is inverted, nothing else.
    #expect(try prepared(png(pixels.map { 255 - $0 }, width: 28, height: 28, channels: 1)) == pixels)
  }

  @Test func positionPaperAndColourDoNotMatter() throws {
    func picture(_ x: Double, _ y: Double, ink: UInt8, paper: UInt8) -> [UInt8] {
      ellipse(width: 90, height: 80, centre: (x, y), radius: (10, 25), ink: ink, paper: paper)
    }
    let expected = try prepared(png(picture(40, 40, ink: 0, paper: 255), width: 90, height: 80, channels: 1))
    #expect(expected.contains { $0 == 255 })
    for (x, y) in [(20.0, 30.0), (70.0, 50.0)] {
      #expect(try prepared(png(picture(x, y, ink: 0, paper: 255), width: 90, height: 80, channels: 1)) == expected)
      #expect(try prepared(png(picture(x, y, ink: 255, paper: 0), width: 90, height: 80, channels: 1)) == expected)
      #expect(try prepared(png(picture(x, y, ink: 60, paper: 200), width: 90, height: 80, channels: 1)) == expected)
    }
  }

  @Test func transparentPicturesLieOnWhatTheyStandOutFrom() throws {
    let mask = ellipse(width: 60, height: 60, centre: (30, 30), radius: (8, 20), ink: 255, paper: 0)
    let expected = try prepared(png(mask, width: 60, height: 60, channels: 1))
    for ink: UInt8 in [0, 40, 220, 255] {
      let pixels = mask.flatMap { [ink, ink, ink, $0] }
      #expect(try prepared(png(pixels, width: 60, height: 60, channels: 4)) == expected, "ink \(ink) on nothing")
    }
  }

  @Test func inkIsCentredAndFillsTheBox() throws {
    let pixels = ellipse(width: 200, height: 100, centre: (60, 50), radius: (10, 40), ink: 0, paper: 255)
    let result = try prepared(png(pixels, width: 200, height: 100, channels: 1))
    let rows = (0..<28).filter { y in (0..<28).contains { result[28 * y + $0] > 0 } }
    let columns = (0..<28).filter { x in (0..<28).contains { result[28 * $0 + x] > 0 } }
    #expect(rows == Array(4..<24))
    // A quarter as wide as high: five columns, around the middle.
    #expect(columns.count == 5 && (columns == Array(11..<16) || columns == Array(12..<17)), "\(columns)")
  }

  /// A picture enlarged by a whole factor and made smaller again is the same.
  @Test func scalingIsByArea() throws {
    let stretch = Preparation(polarity: .keep, placement: .stretch, boxHeight: 0, boxWidth: 0)
    let small = Shape(height: 5, width: 7, channels: 1)
    var random = Random(5)
    let pixels = random.bytes(35)
    for factor in 1...4 {
      let large = (0..<(35 * factor * factor)).map { index in
        pixels[index / (7 * factor) / factor * 7 + index % (7 * factor) / factor]
      }
      #expect(try prepared(png(large, width: 7 * factor, height: 5 * factor, channels: 1), stretch, small) == pixels)
    }
    // Two pixels over three: the middle one has half of each.
    let line = Shape(height: 1, width: 3, channels: 1)
    #expect(try prepared(png([10, 30], width: 2, height: 1, channels: 1), stretch, line) == [10, 20, 30])
    // Four over three: each has one and a third, the mean is (3 a + b) / 4.
    #expect(try prepared(png([0, 40, 80, 120], width: 4, height: 1, channels: 1), stretch, line) == [10, 60, 110])
  }

  @Test func colourModelsGetTheirChannels() throws {
    let stretch = Preparation(polarity: .keep, placement: .stretch, boxHeight: 0, boxWidth: 0)
    let pixels: [UInt8] = [1, 2, 3, 4, 5, 6]
    #expect(
      try prepared(png(pixels, width: 2, height: 1, channels: 3), stretch, Shape(height: 1, width: 2, channels: 3))
        == pixels)
  }

  @Test func emptyAndTinyPicturesAreAnswered() throws {
    for (width, height) in [(1, 1), (1, 300), (300, 1), (2, 2), (28, 28), (100, 100)] {
      for value: UInt8 in [0, 128, 255] {
        let pixels = [UInt8](repeating: value, count: width * height)
        _ = try prepared(png(pixels, width: width, height: height, channels: 1))
      }
    }
  }

  @Test func damagedPicturesAreErrors() throws {
    let bytes = png((0..<400).map { UInt8($0 & 0xff) }, width: 20, height: 20, channels: 1)
    for length in 0..<(bytes.count - 12) {  // without its last chunk, which holds nothing, the picture is whole
      #expect(throws: Failure.self, "cut after \(length) bytes") { try prepared(Array(bytes[0..<length])) }
    }
    var random = Random(3)
    for _ in 0..<2000 {
      var changed = bytes
      changed[random.int(0...(bytes.count - 1))] ^= UInt8(random.int(1...255))
      _ = try? prepared(changed)
    }
  }

  @Test func largePicturesAreRefusedBeforeTheyAreDecoded() {
    for (width, height) in [(20_000, 20_000), (1 << 26, 2), (0x7fff_ffff, 0x7fff_ffff)] as [(UInt32, UInt32)] {
      do {
        _ = try prepared(pngHeader(width: width, height: height))
        Issue.record("\(width)×\(height) was accepted")
      } catch let failure as Failure {
        #expect(failure.status == .badPicture, "\(failure)")
      } catch {
        Issue.record("\(error)")
      }
    }
  }

  @Test func otherFilesAreNamed() throws {
    let jpeg: [UInt8] = [0xff, 0xd8, 0xff, 0xe0, 0, 16, 0x4a, 0x46, 0x49, 0x46, 0]
    #expect(throws: Failure.self) { try prepared([]) }
    do {
      _ = try prepared(jpeg)
      Issue.record("a JPEG was accepted")
    } catch let failure as Failure {
      #expect(failure.status == .badPicture && failure.description.contains("JPEG"), "\(failure)")
    }
  }
}
