import CMNISTInfer
import MNISTInfer
import TestSupport
import Testing

/// Pixels as pictures: the same answers as for a PNG that holds them.
@Suite struct PixelFunctionTests {
  /// A drawing of 60 × 50 pixels in RGBA, in a larger picture of 90 × 70, at (20, 10).
  private let width = 60
  private let height = 50
  private let stride = 4 * 90
  private let offset = 4 * (10 * 90 + 20)

  private func drawing() -> [UInt8] {
    ellipse(width: width, height: height, centre: (28, 25), radius: (9, 17), ink: 20, paper: 230)
      .flatMap { [$0, $0, $0, 255] }
  }

  private func larger() -> [UInt8] {
    var random = Random(5)
    var picture = random.bytes(stride * 70)
    for (row, line) in Swift.stride(from: 0, to: 4 * width * height, by: 4 * width).enumerated() {
      let start = offset + row * stride
      picture.replaceSubrange(start..<(start + 4 * width), with: drawing()[line..<(line + 4 * width)])
    }
    return picture
  }

  private func withSession(_ body: (OpaquePointer, OpaquePointer) throws -> Void) throws {
    var (model, session): (OpaquePointer?, OpaquePointer?)
    #expect(modelOpenDefault(&model, nil) == DNN_OK)
    #expect(sessionOpen(model, nil, &session, nil) == DNN_OK)
    try body(#require(model), #require(session))
    sessionClose(session)
    modelClose(model)
  }

  @Test func samePredictionsAsThePNG() throws {
    let file = png(drawing(), width: width, height: height, channels: 4)
    try withSession { _, session in
      var expected = [dnn_prediction](repeating: dnn_prediction(), count: 10)
      var found = expected
      var count = 0
      #expect(classifyPNGMemory(session, file, file.count, &expected, 10, &count, nil) == DNN_OK && count == 10)
      larger().withUnsafeBufferPointer {
        let start = $0.baseAddress! + offset
        #expect(classifyRGBA(session, start, UInt32(width), UInt32(height), stride, &found, 10, nil, nil) == DNN_OK)
      }
      #expect(found.map(\.class_index) == expected.map(\.class_index))
      #expect(found.map(\.probability) == expected.map(\.probability))
    }
  }

  @Test func preparedPixelsArePredictedAlike() throws {
    try withSession { model, session in
      var image = [UInt8](repeating: 0, count: 784)
      var probabilities = [Float](repeating: 0, count: 10)
      var best = dnn_prediction()
      let pixels = drawing()
      #expect(prepareRGBA(model, pixels, UInt32(width), UInt32(height), 4 * width, &image, nil) == DNN_OK)
      #expect(image.contains(255))
      #expect(predictU8(session, image, 1, &probabilities, nil) == DNN_OK)
      #expect(classifyRGBA(session, pixels, UInt32(width), UInt32(height), 4 * width, &best, 1, nil, nil) == DNN_OK)
      #expect(best.probability == probabilities.max())
    }
  }

  @Test func badArguments() throws {
    let pixels = [UInt8](repeating: 0, count: 400)
    try withSession { model, session in
      var image = [UInt8](repeating: 7, count: 784)
      var best = dnn_prediction()
      #expect(prepareRGBA(nil, pixels, 10, 10, 40, &image, nil) == DNN_BAD_ARGUMENT)
      #expect(prepareRGBA(model, nil, 10, 10, 40, &image, nil) == DNN_BAD_ARGUMENT)
      #expect(prepareRGBA(model, pixels, 10, 10, 40, nil, nil) == DNN_BAD_ARGUMENT)
      #expect(prepareRGBA(model, pixels, 10, 10, 39, &image, nil) == DNN_BAD_ARGUMENT)
      #expect(prepareRGBA(model, pixels, 10, 10, -40, &image, nil) == DNN_BAD_ARGUMENT)
      #expect(prepareRGBA(model, pixels, 0, 10, 40, &image, nil) == DNN_BAD_PICTURE)
      #expect(prepareRGBA(model, pixels, .max, .max, .max, &image, nil) == DNN_BAD_PICTURE)
      #expect(classifyRGBA(nil, pixels, 10, 10, 40, &best, 1, nil, nil) == DNN_BAD_ARGUMENT)
      #expect(classifyRGBA(session, pixels, 10, 10, 40, nil, 1, nil, nil) == DNN_BAD_ARGUMENT)
      #expect(image.allSatisfy { $0 == 7 }, "nothing was written")
    }
  }
}
