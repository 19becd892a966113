import Foundation
import MNISTInfer
import Testing

@testable import DNNTrain

@Suite struct StrokeWidthTests {
  /// A picture of one channel from its rows; letters stand for grey levels.
  private func picture(_ rows: [String]) -> (pixels: [UInt8], shape: Shape) {
    let levels: [Character: UInt8] = [".": 0, "o": 100, "#": 200]
    let pixels = rows.flatMap { $0.map { levels[$0] ?? 255 } }
    return (pixels, Shape(height: rows.count, width: rows[0].count, channels: 1))
  }

  private func changed(_ pixels: [UInt8], _ shape: Shape, by amount: Float) throws -> [UInt8] {
    var result = pixels
    try StrokeWidth(shape: shape).change(&result, by: amount)
    return result
  }

  private let bar = ["........", "..####..", "..####..", "..####..", "..####.o", "........"]

  @Test("a whole step moves edges by a pixel, with the picture's edge no obstacle")
  func wholeSteps() throws {
    let (pixels, shape) = picture(bar)
    let wider = ["..####..", ".######.", ".######.", ".######o", ".######o", "..####.o"]
    #expect(try changed(pixels, shape, by: 1) == picture(wider).pixels)
    // The dot is too thin to lose anything, as are the corners, which erosion and dilation do not bring back.
    let narrower = ["........", "..#..#..", "...##...", "...##...", "..#..#.o", "........"]
    #expect(try changed(pixels, shape, by: -1) == picture(narrower).pixels)
  }

  @Test("a part of a step is that share of it, and two steps are one after another")
  func shares() throws {
    let (pixels, shape) = picture(bar)
    for amount: Float in [1, -1] {
      let whole = try changed(pixels, shape, by: amount)
      let quarter = try changed(pixels, shape, by: amount / 4)
      for (index, pixel) in pixels.enumerated() {
        let expected = 0.75 * Double(pixel) + 0.25 * Double(whole[index])
        #expect(abs(Double(quarter[index]) - expected) <= 0.5, "pixel \(index) by \(amount)")
      }
      #expect(try changed(pixels, shape, by: 1.25 * amount) == changed(whole, shape, by: amount / 4), "\(amount)")
    }
    #expect(try changed(pixels, shape, by: 0) == pixels)
  }

  @Test("wider has more ink and narrower less, on digits; lines of a pixel stay", arguments: [0.3, 1, 2] as [Float])
  func mass(amount: Float) throws {
    let digits = SyntheticDigits.draw(count: 20, seed: 3)
    for index in 0..<digits.count {
      let own = digits.subset([index]).images
      func mass(_ pixels: [UInt8]) -> Int { pixels.reduce(0) { $0 + Int($1) } }
      #expect(try mass(changed(own, digits.shape, by: amount)) > mass(own), "digit \(index)")
      let narrow = try changed(own, digits.shape, by: -amount)
      #expect(mass(narrow) < mass(own) && mass(narrow) > 0, "digit \(index)")
    }
    let (line, shape) = picture(["......", ".####.", ".#....", ".#....", "......"])
    #expect(try changed(line, shape, by: -amount) == line)
  }

  @Test("channels are changed apart")
  func channels() throws {
    let (pixels, shape) = picture(bar)
    let colour = Shape(height: shape.height, width: shape.width, channels: 3)
    let mirrored = Array(pixels.reversed())
    let blank = [UInt8](repeating: 0, count: pixels.count)
    for amount: Float in [1.5, -0.5] {
      let actual = try changed(pixels.indices.flatMap { [pixels[$0], blank[$0], mirrored[$0]] }, colour, by: amount)
      let expected = try [pixels, blank, mirrored].map { try changed($0, shape, by: amount) }
      for channel in 0..<3 {
        let own = stride(from: channel, to: actual.count, by: 3).map { actual[$0] }
        #expect(own == expected[channel], "channel \(channel) by \(amount)")
      }
    }
  }

  @Test("augmentation draws from its own stream: other changes stay what they are")
  func augmentation() throws {
    let digit = SyntheticDigits.draw(count: 1, seed: 3)
    var moved = try Augmentation(parsing: "shift 2, rotate 10, elastic 5")
    func changed(_ augmentation: Augmentation, seed: UInt64) throws -> [UInt8] {
      var target = digit.images
      try Augmenter(augmentation, shape: digit.shape).change(digit.images, into: &target, RandomKey(seed: seed))
      return target
    }
    var directions: Set<Bool> = []
    for seed: UInt64 in 1...20 {
      moved.stroke = 0
      var expected = try changed(moved, seed: seed)
      moved.stroke = 1
      let actual = try changed(moved, seed: seed)
      #expect(try changed(moved, seed: seed) == actual, "seed \(seed): another time")
      var generator = RandomGenerator(RandomKey(seed: seed).stream(2))
      let amount = generator.symmetricUnit()
      try StrokeWidth(shape: digit.shape).change(&expected, by: amount)
      #expect(actual == expected, "seed \(seed)")
      directions.insert(amount > 0)
    }
    #expect(directions.count == 2)
  }
}
