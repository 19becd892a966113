import DNNTrain
import MNISTInfer
import Testing

@testable import DNNReport

@Suite struct SampleSheetTests {
  private let shape = Shape(height: 28, width: 28, channels: 1)

  /// Two classes with names of one letter: the images start 8 + 2 · 6 + 8 pixels from the left, doubled, 72 apart.
  @Test func imagesAsTheyAre() throws {
    let images = (0..<3 * shape.count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let data = Dataset(shape: shape, images: images, labels: [0, 1, 0])
    let sheet = try decode(SampleSheet(data, labels: ["a", "b"]).png())
    #expect(sheet.width == 28 + 12 * 72)
    #expect(sheet.height == 16 + 2 * 62)
    for (image, left, top) in [(0, 28, 8), (2, 28 + 72, 8), (1, 28, 8 + 62)] {
      for (x, y) in [(0, 0), (3, 5), (27, 27)] {
        let expected = images[image * shape.count + y * shape.width + x]
        let grey = [expected, expected, expected]
        #expect(sheet.pixel(left + 2 * x + 1, top + 2 * y) == grey, "image \(image), \(x), \(y)")
      }
    }
    #expect(sheet.pixel(28 + 2 * 72, 8) == [255, 255, 255], "there is no third image")
  }

  @Test func answersInTheColourOfRightAndWrong() throws {
    let data = Dataset(shape: shape, images: [UInt8](repeating: 0, count: 2 * shape.count), labels: [0, 1])
    func colours(_ probabilities: [Float]) throws -> (right: Int, wrong: Int) {
      let predictions = Predictions(labels: ["a", "b"], truth: [0, 1], probabilities: probabilities)
      let sheet = try decode(SampleSheet(data, labels: ["a", "b"], predictions: predictions).png())
      return (sheet.count([0, 114, 178]), sheet.count([192, 80, 0]))
    }
    let (allRight, oneWrong) = (try colours([1, 0, 0, 1]), try colours([1, 0, 1, 0]))
    #expect(allRight.right > 0 && allRight.wrong == 0)
    #expect(oneWrong.right > 0 && oneWrong.wrong > 0)
  }

  @Test func sheetsOfAnySizeAreNotMade() {
    let shape = Shape(height: 1024, width: 1024, channels: 1)
    let data = Dataset(shape: shape, images: [UInt8](repeating: 0, count: shape.count), labels: [0])
    #expect(throws: EvaluationError.sheetTooLarge(width: 16 + 12 * 3 + 12 * 1030, height: 16 + 200 * 1030)) {
      try SampleSheet(data, labels: (0..<200).map { "\($0)" }).png()
    }
  }

  /// A letter drawn twice, or with a row too few, would show here.
  @Test func lettersAreAllDifferent() {
    let characters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-/._()&+,:'?"
    let drawings = characters.map { character in
      (0..<BitmapFont.height).map { y in
        (0..<BitmapFont.width).map { BitmapFont.isInk(character, x: $0, y: y) ? "#" : "." }.joined()
      }
    }
    #expect(Set(drawings).count == characters.count)
    #expect(!BitmapFont.isInk(" ", x: 0, y: 0))
    #expect(BitmapFont.isInk("é", x: 2, y: 0), "what is not in the font looks like a question mark")
  }

  private struct Decoded {
    let width: Int
    let height: Int
    /// Red, green, blue and alpha.
    let pixels: [UInt8]

    func pixel(_ x: Int, _ y: Int) -> [UInt8] { Array(pixels[4 * (y * width + x)..<4 * (y * width + x) + 3]) }

    func count(_ colour: [UInt8]) -> Int {
      stride(from: 0, to: pixels.count, by: 4).count { Array(pixels[$0..<$0 + 3]) == colour }
    }
  }

  private func decode(_ png: [UInt8]) throws -> Decoded {
    try png.withUnsafeBytes { bytes -> Decoded in
      let picture = try Picture(png: bytes)
      let pixels = UnsafeBufferPointer(start: picture.pixels.start, count: 4 * picture.width * picture.height)
      return Decoded(width: picture.width, height: picture.height, pixels: Array(pixels))
    }
  }
}
