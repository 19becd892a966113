import CKernels
import TestSupport
import Testing

@Suite struct PoolTests {
  private struct Shape {
    let count, height, width, channels, pixelStride, rowStride, inputStep, outputStep: Int

    /// Half of the windows are of 2x2, which has a way of its own.
    init(_ random: inout Random, _ set: InstructionSet) {
      count = random.int(1...9)
      let isUsual = random.int(0...1) == 0
      height = isUsual ? 2 : random.int(1...6)
      width = isUsual ? 2 : random.int(1...6)
      channels = set.lanes * random.int(1...4)
      pixelStride = channels + set.lanes * random.int(0...1)
      inputStep = pixelStride * random.int(1...4)
      rowStride = (count - 1) * inputStep + (width + random.int(0...3)) * pixelStride
      outputStep = channels + set.lanes * random.int(0...2)
    }

    /// The inputs of one channel of a window.
    func places(window: Int, channel: Int) -> [Int] {
      (0..<height).flatMap { y in
        (0..<width).map { window * inputStep + y * rowStride + $0 * pixelStride + channel }
      }
    }
  }

  @Test(arguments: InstructionSet.available)
  func maximaMatchReference(set: InstructionSet) {
    // A maximum may pass over a NaN, never over an infinity.
    compare("max_pool", set, blank: .infinity, set.kernels.max_pool) { window, _ in
      (window.reduce(-.infinity, max), 0)
    }
  }

  /// A sum of n inputs has n - 1 roundings, and the product with the scale one.
  @Test(arguments: InstructionSet.available)
  func meansMatchReference(set: InstructionSet) {
    compare("average_pool", set, blank: .nan, set.kernels.average_pool) { window, scale in
      let magnitude = window.reduce(0) { $0 + abs($1) } * scale
      return (window.reduce(0, +) * scale, Rounding.gamma(window.count) * magnitude)
    }
  }

  private func compare(
    _ name: String, _ set: InstructionSet, blank: Float, _ kernel: (UnsafePointer<dnn_pool_job>?) -> Void,
    _ reference: ([Double], Double) -> (value: Double, bound: Double)
  ) {
    forEachShape(name, set, count: 3000) {
      Shape(&$0, set)
    } test: { shape, trial in
      let input = trial.arena.memory(shape.height * shape.rowStride, blank: blank)
      let output = trial.arena.output(shape.count * shape.outputStep)
      let scale = 1 / Float(shape.height * shape.width)
      for window in 0..<shape.count {
        for first in shape.places(window: window, channel: 0) {
          input.fill(first..<first + shape.channels, &trial.random)
        }
      }
      var job = dnn_pool_job()
      (job.input, job.output, job.count, job.scale) = (input.input, output.start, shape.count, scale)
      (job.input_step, job.output_step) = (shape.inputStep, shape.outputStep)
      (job.window_height, job.window_width) = (shape.height, shape.width)
      (job.row_stride, job.pixel_stride, job.channels) = (shape.rowStride, shape.pixelStride, shape.channels)
      kernel(&job)

      var expectation = Expectation(output)
      for window in 0..<shape.count {
        for channel in 0..<shape.channels {
          let values = shape.places(window: window, channel: channel).map { Double(input[$0]) }
          let (value, bound) = reference(values, Double(scale))
          expectation.expect(value, within: bound, at: window * shape.outputStep + channel)
        }
      }
      return try expectation.check(output)
    }
  }
}
