import CKernels
import TestSupport
import Testing

@Suite struct IntegerPoolTests {
  private struct Shape {
    let height, width, channels, pixelStride, rowStride: Int
    let bytes: ByteKind

    init(_ random: inout Random, _ set: IntegerInstructionSet) {
      (height, width) = (random.int(1...8), random.int(1...8))
      channels = random.ragged(set.lanes, upTo: 5 * set.lanes)
      pixelStride = channels + random.element([0, random.int(1...20)])
      rowStride = width * pixelStride + random.element([0, random.int(1...100)])
      bytes = random.element(ByteKind.allCases)
    }

    /// From a window's first pixel to the end of its last.
    var extent: Int { pixels.last! + channels }

    var pixels: [Int] {
      (0..<height).flatMap { y in (0..<width).map { y * rowStride + $0 * pixelStride } }
    }
  }

  @Test(arguments: IntegerInstructionSet.available)
  func maximaAreExact(set: IntegerInstructionSet) {
    compare("integer pool to maxima", set) { (job, output: Integers<UInt8>) in
      job.largest = output.start
    } reference: {
      $0.max()!
    }
  }

  @Test(arguments: IntegerInstructionSet.available)
  func sumsAreExact(set: IntegerInstructionSet) {
    compare("integer pool to sums", set) { (job, output: Integers<Int32>) in
      job.sums = output.start
    } reference: {
      $0.reduce(0) { $0 + Int32($1) }
    }
  }

  private func compare<Element: FixedWidthInteger & BitwiseCopyable>(
    _ name: String, _ set: IntegerInstructionSet,
    setOutput: (inout dnn_integer_pool_job, Integers<Element>) -> Void, reference: ([UInt8]) -> Element
  ) {
    forEachShape(name, set, count: 2000) {
      Shape(&$0, set)
    } exactTest: { shape, trial in
      let input: Integers<UInt8> = trial.arena.integers(shape.extent, &trial.random)
      let pixels = shape.pixels
      for pixel in pixels { input.fill(pixel..<pixel + shape.channels) { shape.bytes(&trial.random) } }
      let output: Integers<Element> = trial.arena.integerOutput(shape.channels, &trial.random)
      var expectation = ExactExpectation(output)
      for channel in 0..<shape.channels {
        expectation.expect(reference(pixels.map { input[$0 + channel] }), at: channel)
      }

      var job = dnn_integer_pool_job()
      job.input = input.input
      (job.window_height, job.window_width) = (shape.height, shape.width)
      (job.row_stride, job.pixel_stride, job.channels) = (shape.rowStride, shape.pixelStride, shape.channels)
      setOutput(&job, output)
      trial.kernels.pool(&job)
      try expectation.check(output)
    }
  }
}
