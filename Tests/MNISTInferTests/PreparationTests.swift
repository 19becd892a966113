import DNNModel
import MNISTInfer
import TestSupport
import Testing

/// Preparation in steps, with the preparation of digits: what does not matter to people does not matter.
@Suite struct PreparationTests {
  private let input = Shape(height: 28, width: 28, channels: 1)

  private func prepared(_ png: [UInt8], _ preparation: Preparation = .digits) throws -> [UInt8] {
    var pixels = [UInt8](repeating: 0, count: input.count)
    try png.withUnsafeBytes { try prepare(Picture(png: $0), preparation, input, into: &pixels) }
    return pixels
  }

  private func expectNothing(_ png: [UInt8], _ name: String, _ preparation: Preparation = .digits) {
    do {
      _ = try prepared(png, preparation)
      Issue.record("\(name): something is seen")
    } catch let failure as Failure {
      #expect(failure.status == .nothingToSee, "\(name): \(failure)")
    } catch {
      Issue.record("\(name): \(error)")
    }
  }

  /// Mean difference of two images' pixels.
  private func difference(_ a: [UInt8], _ b: [UInt8]) -> Double {
    Double(zip(a, b).map { abs(Int($0) - Int($1)) }.reduce(0, +)) / Double(a.count)
  }

  /// A line of pixels across which the input is another: every one under every other would be 2^36 pairs.
  @Test(.timeLimit(.minutes(1)), arguments: [false, true])
  func linesAcrossLinesAreScaledInTime(isWide: Bool) throws {
    let (long, count) = (1 << 20, 1 << 16)
    let shape = Shape(height: isWide ? 1 : long, width: isWide ? long : 1, channels: 1)
    let (width, height) = (isWide ? 1 : count, isWide ? count : 1)
    let halves = [UInt8](repeating: 0, count: count / 2) + [UInt8](repeating: 255, count: count / 2)
    var image = [UInt8](repeating: 0, count: long)
    try png(halves, width: width, height: height, channels: 1).withUnsafeBytes {
      try prepare(
        Picture(png: $0), Preparation(polarity: .keep, placement: .stretch, boxHeight: 0, boxWidth: 0), shape,
        into: &image)
    }
    #expect(image.allSatisfy { $0 == 128 })
  }

  @Test func paperInkAndLightDoNotMatter() throws {
    let drawing = Drawing()
    let plain = try prepared(drawing.png { ink, _, _ in grey(255 - 255 * ink) })
    #expect(plain.contains(255))
    let pictures: [(String, [UInt8])] = [
      ("light on dark", drawing.png { ink, _, _ in grey(255 * ink) }),
      ("pencil", drawing.png { ink, _, _ in grey(230 - 60 * ink) }),
      ("red on pink", drawing.png { ink, _, _ in mix((255, 170, 190), (230, 20, 30), ink) }),
      ("grey on orange", drawing.png { ink, _, _ in mix((255, 128, 30), (140, 140, 140), ink) }),
      ("blue on grey of the same luminance", drawing.png { ink, _, _ in mix((99, 99, 99), (30, 80, 250), ink) }),
      ("light from the left", drawing.png { ink, x, _ in grey((250 - 250 * ink * 0.8) * (0.4 + 0.6 * x)) }),
      (
        "dark corners",
        drawing.png { ink, x, y in
          grey((1 - 0.8 * ink) * (250 - 130 * ((x - 0.5) * (x - 0.5) + (y - 0.5) * (y - 0.5))))
        }
      ),
    ]
    // Of an empty image it would be over 35, and a whole pixel's shift makes 11.
    for (name, png) in pictures { #expect(difference(try prepared(png), plain) < 14, "\(name)") }
    var moved = drawing
    moved.centre = (0.4, 0.6)
    #expect(difference(try prepared(moved.png { ink, _, _ in grey(255 - 255 * ink) }), plain) < 4, "off centre")
    var large = drawing
    large.side = 900
    #expect(difference(try prepared(large.png { ink, _, _ in grey(255 - 255 * ink) }), plain) < 10, "large")
  }

  @Test func whatIsNoInkIsRemoved() throws {
    let drawing = Drawing()
    let plain = try prepared(drawing.png { ink, _, _ in grey(255 - 255 * ink) })
    var random = Random(4)
    let specks = (0..<60).map { _ in
      (Double.random(in: 0...1, using: &random), Double.random(in: 0...1, using: &random))
    }
    let pictures: [(String, [UInt8])] = [
      (
        "specks",
        drawing.png { ink, x, y in
          grey(specks.contains { abs($0.0 - x) < 0.003 && abs($0.1 - y) < 0.003 } ? 20 : 255 - 235 * ink)
        }
      ),
      ("a frame", drawing.png { ink, x, y in grey(min(x, y) < 0.02 || max(x, y) > 0.98 ? 0 : 255 - 235 * ink) }),
      (
        "a frame with paper around it",
        drawing.png { ink, x, y in
          let side = max(abs(x - 0.5), abs(y - 0.5))
          return grey(side > 0.44 && side < 0.46 ? 0 : 255 - 235 * ink)
        }
      ),
      (
        "a circle",
        drawing.png { ink, x, y in
          let distance = ((x - 0.5) * (x - 0.5) + (y - 0.5) * (y - 0.5)).squareRoot()
          return grey(distance > 0.44 && distance < 0.46 ? 0 : 255 - 235 * ink)
        }
      ),
      ("a table on two sides", drawing.png { ink, x, _ in grey(x < 0.1 || x > 0.93 ? 60 : 240 - 220 * ink) }),
      (
        "ruled lines",
        drawing.png { ink, x, y in
          let isLine = (0..<6).contains { abs(y + 0.03 * x - 0.06 - Double($0) * 0.17) < 0.004 }
          return grey(isLine && ink < 0.5 ? 120 : 255 - 235 * ink)
        }
      ),
      (
        "squared paper",
        drawing.png { ink, x, y in
          let isLine = (0..<9).contains {
            abs(y - 0.05 - Double($0) * 0.11) < 0.003 || abs(x - 0.04 - Double($0) * 0.115) < 0.003
          }
          return grey(isLine && ink < 0.5 ? 150 : 255 - 235 * ink)
        }
      ),
    ]
    for (name, png) in pictures { #expect(difference(try prepared(png), plain) < 10, "\(name)") }
  }

  @Test func strokesBecomeAsWideAsTheDataSets() throws {
    func inkShare(_ pen: Double) throws -> Double {
      var drawing = Drawing()
      drawing.pen = pen
      let image = try prepared(drawing.png { ink, _, _ in grey(255 - 255 * ink) })
      return Double(image.map { Int($0) }.reduce(0, +)) / 255
    }
    let thin = try inkShare(0.006)
    let usual = try inkShare(0.04)
    let thick = try inkShare(0.09)
    #expect(abs(thin / usual - 1) < 0.3, "thin \(thin), usual \(usual)")
    #expect(thick / usual < 1.8, "thick \(thick), usual \(usual)")
  }

  /// What a 7's bar is on a picture cut out without a margin.
  @Test func strokesFromEdgeToEdgeAreKept() throws {
    var pixels = [UInt8](repeating: 255, count: 28 * 28)
    for x in 0..<28 {
      pixels[28 + x] = 0
      for y in 1..<28 where abs(27 - y * 2 / 3 - x) < 1 { pixels[28 * y + x] = 0 }
    }
    let image = try prepared(png(pixels, width: 28, height: 28, channels: 1))
    let top = (0..<28).map { y in (0..<28).map { Int(image[28 * y + $0]) }.reduce(0, +) }.max() ?? 0
    #expect(top > 10 * 255, "the bar is there: \(top)")
  }

  @Test func nothingIsAnAnswer() throws {
    for side in [1, 2, 12, 28, 60, 600] {
      for value: UInt8 in [0, 128, 255] {
        let pixels = [UInt8](repeating: value, count: side * side)
        expectNothing(png(pixels, width: side, height: side, channels: 1), "even \(value), \(side)")
        expectNothing(
          png(pixels.flatMap { [$0, 77, 10, 0] }, width: side, height: side, channels: 4),
          "transparent \(value), \(side)")
      }
    }
    var random = Random(7)
    for side in [20, 28, 64, 200] {
      for seed in 0..<(side > 100 ? 2 : 10) {
        let name = "\(side), \(seed)"
        let noise = random.bytes(side * side)
        expectNothing(png(noise, width: side, height: side, channels: 1), "uniform noise \(name)")
        expectNothing(
          png(noise.map { $0 < 128 ? 0 : 255 }, width: side, height: side, channels: 1), "two values \(name)")
        expectNothing(png(noise.map { $0 < 10 ? 0 : 255 }, width: side, height: side, channels: 1), "pepper \(name)")
        expectNothing(png(noise.map { $0 < 10 ? 255 : 0 }, width: side, height: side, channels: 1), "salt \(name)")
        expectNothing(png(noise.map { 230 + $0 / 32 }, width: side, height: side, channels: 1), "grain \(name)")
        let bell = (0..<(side * side)).map { _ in UInt8(random.bytes(6).map { Int($0) }.reduce(0, +) / 6) }
        expectNothing(png(bell, width: side, height: side, channels: 1), "normal noise \(name)")
        expectNothing(
          png(random.bytes(3 * side * side), width: side, height: side, channels: 3), "coloured noise \(name)")
        expectNothing(png(noise, width: side, height: side, channels: 1), "noise for clothes \(name)", .clothes)
      }
    }
    let gradient: [UInt8] = (0..<80).flatMap { y in (0..<80).map { x in UInt8(x + y) } }
    expectNothing(png(gradient, width: 80, height: 80, channels: 1), "a gradient")
  }

  /// A few pixels of noise may look drawn by chance; a few in a hundred of those do that have eight on a side.
  @Test func noiseOfFewPixelsIsRarelySeen() throws {
    var random = Random(5)
    let kinds: [(String, (UInt8) -> UInt8)] = [
      ("uniform", { $0 }), ("two values", { $0 < 128 ? 0 : 255 }), ("pepper", { $0 < 10 ? 0 : 255 }),
      ("salt", { $0 < 10 ? 255 : 0 }),
    ]
    let count = 200
    for (side, most) in [(5, 16), (6, 16), (8, 8), (10, 8), (12, 4), (16, 2)] {
      for (name, value) in kinds {
        let seen = (0..<count).count { _ in
          let pixels = random.bytes(side * side).map(value)
          return (try? prepared(png(pixels, width: side, height: side, channels: 1))) != nil
        }
        #expect(seen <= most, "\(name), \(side) pixels: \(seen) of \(count) are seen")
      }
    }
  }

  /// As large as a word on a page, which is a 2000th of it.
  @Test func smallInkOnLargePaperIsSeen() throws {
    let drawing = Drawing()
    let plain = try prepared(drawing.png { ink, _, _ in grey(255 - 255 * ink) })
    var pixels = [UInt8](repeating: 250, count: 500 * 500)
    let small = Drawing(side: 60)
    let word = small.pixels { ink, _, _ in [UInt8(250 - 240 * ink)] }
    for y in 0..<60 {
      let start = 500 * (300 + y) + 200
      pixels.replaceSubrange(start..<(start + 60), with: word[60 * y..<60 * (y + 1)])
    }
    let image = try prepared(png(pixels, width: 500, height: 500, channels: 1))
    #expect(difference(image, plain) < 14)
  }

  /// A card whose corners are rounded, and round paper.
  @Test func clearCornersArePaper() throws {
    let drawing = Drawing()
    let plain = try prepared(drawing.png { ink, _, _ in grey(255 - 255 * ink) })
    for (name, paper, pen) in [("white", 255.0, 0.0), ("black", 0.0, 255.0)] {
      for radius in [0.5, 0.6, 0.7] {
        let pixels = drawing.pixels { ink, x, y in
          let isClear = ((x - 0.5) * (x - 0.5) + (y - 0.5) * (y - 0.5)).squareRoot() > radius
          return isClear ? [0, 0, 0, 0] : grey(paper + (pen - paper) * ink) + [255]
        }
        let image = try prepared(png(pixels, width: drawing.side, height: drawing.side, channels: 4))
        #expect(difference(image, plain) < 10, "\(name), \(radius)")
      }
    }
  }

  /// Ink that is not there at all in opaque paper, as programs draw it that set all four bytes to 0.
  @Test func holesAreInk() throws {
    let drawing = Drawing()
    let plain = try prepared(drawing.png { ink, _, _ in grey(255 - 255 * ink) })
    let pixels = drawing.pixels { ink, _, _ in ink > 0.5 ? [0, 0, 0, 0] : [255, 255, 255, 255] }
    let image = try prepared(png(pixels, width: drawing.side, height: drawing.side, channels: 4))
    #expect(difference(image, plain) < 10)
  }

  /// With any of the steps.
  @Test func noPictureTraps() throws {
    var random = Random(11)
    let sizes = [
      (1, 1), (1, 2), (2, 1), (3, 3), (1, 40), (40, 1), (5, 200), (200, 5), (28, 28), (28, 27), (1, 3000), (3000, 1),
      (513, 2),
      (520, 60), (64, 48),
    ]
    var (seen, nothing) = (0, 0)
    for (width, height) in sizes {
      for kind in 0..<8 {
        let channels = kind % 4 + 1
        var pixels = random.bytes(width * height * channels)
        if kind >= 4 {
          // Few pixels of any value on an even ground.
          let ground = random.bytes(channels)
          for index in 0..<(width * height) where random.int(0...9) > 0 {
            pixels.replaceSubrange((index * channels)..<((index + 1) * channels), with: ground)
          }
        }
        let bytes = png(pixels, width: width, height: height, channels: channels)
        for trial in 0..<6 {
          let isFit = trial % 2 == 1
          var steps = PreparationSteps(rawValue: UInt32(random.int(1...255)))
          if isFit { steps = PreparationSteps(rawValue: steps.rawValue & ~PreparationSteps.strokes.rawValue) }
          var preparation = Preparation(
            polarity: .lightOnDark, placement: isFit ? .fit : .centreOfMass, boxHeight: random.int(1...28),
            boxWidth: random.int(1...28), steps: steps)
          if trial == 0 { preparation = .digits }
          do {
            _ = try prepared(bytes, preparation)
            seen += 1
          } catch let failure as Failure {
            #expect(failure.status == .nothingToSee, "\(width)×\(height), \(preparation): \(failure)")
            nothing += 1
          }
        }
      }
    }
    #expect(seen > 100 && nothing > 100, "\(seen) seen, \(nothing) nothing")
  }

  /// Dark clothes on a light ground, negated and as large as the input, as Fashion-MNIST's were.
  @Test func clothesFillTheirBox() throws {
    let pixels = ellipse(width: 300, height: 200, centre: (120, 90), radius: (40, 70), ink: 60, paper: 250)
    let image = try prepared(png(pixels, width: 300, height: 200, channels: 1), .clothes)
    let rows = (0..<28).filter { y in (0..<28).contains { image[28 * y + $0] > 0 } }
    let columns = (0..<28).filter { x in (0..<28).contains { image[28 * $0 + x] > 0 } }
    #expect(rows == Array(0..<28))
    #expect(columns == Array(6..<22))
    #expect(image[28 * 14 + 14] == 255 && image[0] == 0)
  }
}
