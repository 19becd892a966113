import CKernels
import TestSupport
import Testing

@Suite struct PoolGradientTests {
  private struct Shape {
    let count, height, width, channels, pixelStride, rowStride, inputStep: Int
    let targetPixelStride, targetRowStride, outputStep, gradientStep: Int
    let accumulates: Bool

    /// Windows overlap where their step is less than their width; then the gradients are added.
    init(_ random: inout Random, _ set: InstructionSet) {
      count = random.int(1...6)
      (height, width) = (random.int(1...3), random.int(1...3))
      channels = set.lanes * random.int(1...3)
      accumulates = random.int(0...1) == 1
      let pixels = accumulates ? random.int(1...4) : width
      let (lanes, channels, count, width) = (set.lanes, channels, count, width)
      pixelStride = channels + lanes * random.int(0...1)
      targetPixelStride = channels + lanes * random.int(0...1)
      inputStep = pixels * pixelStride
      let rowPixels = (count - 1) * pixels + width
      rowStride = rowPixels * pixelStride
      targetRowStride = (rowPixels + random.int(0...2)) * targetPixelStride
      outputStep = channels + lanes * random.int(0...2)
      gradientStep = channels + lanes * random.int(0...2)
    }

    var windowStep: Int { inputStep / pixelStride }
    var rowPixels: Int { (count - 1) * windowStep + width }
  }

  @Test(arguments: InstructionSet.available)
  func gradientsMatchReference(set: InstructionSet) {
    forEachShape("max_pool_gradient", set, count: 3000) {
      Shape(&$0, set)
    } test: { shape, trial in
      // Small integers, so that maxima are often there twice.
      let input = trial.arena.memory(shape.height * shape.rowStride)
      for y in 0..<shape.height {
        for x in 0..<shape.rowPixels {
          let first = y * shape.rowStride + x * shape.pixelStride
          for channel in 0..<shape.channels { input[first + channel] = Float(trial.random.int(0...3)) }
        }
      }
      let output = trial.arena.memory(shape.count * shape.outputStep)
      let gradient = trial.arena.memory(shape.count * shape.gradientStep)
      let target = trial.arena.output(shape.height * shape.targetRowStride)
      var sums = [Double](repeating: 0, count: target.count)
      var magnitudes = sums
      if shape.accumulates {
        for y in 0..<shape.height {
          for x in 0..<shape.rowPixels {
            let first = y * shape.targetRowStride + x * shape.targetPixelStride
            target.fill(first..<first + shape.channels, &trial.random)
            for place in first..<first + shape.channels {
              (sums[place], magnitudes[place]) = (Double(target[place]), Double(abs(target[place])))
            }
          }
        }
      }
      var places: Set<Int> = []
      for window in 0..<shape.count {
        let first = window * shape.gradientStep
        gradient.fill(first..<first + shape.channels, &trial.random)
        for channel in 0..<shape.channels {
          var best: (value: Float, place: Int) = (-1, 0)
          for y in 0..<shape.height {
            for x in 0..<shape.width {
              let column = window * shape.windowStep + x
              let value = input[y * shape.rowStride + column * shape.pixelStride + channel]
              let place = y * shape.targetRowStride + column * shape.targetPixelStride + channel
              places.insert(place)
              if value > best.value { best = (value, place) }
            }
          }
          output[window * shape.outputStep + channel] = best.value
          sums[best.place] += Double(gradient[first + channel])
          magnitudes[best.place] += Double(abs(gradient[first + channel]))
        }
      }
      var expectation = Expectation(target)
      let roundings = shape.accumulates ? shape.width : 0
      for place in 0..<target.count where places.contains(place) || magnitudes[place] > 0 {
        expectation.expect(sums[place], within: Rounding.gamma(roundings) * magnitudes[place], at: place)
      }
      var job = dnn_pool_gradient_job()
      (job.input, job.output, job.gradient) = (input.input, output.input, gradient.input)
      (job.input_gradient, job.count, job.channels) = (target.start, shape.count, shape.channels)
      (job.input_step, job.output_step, job.gradient_step) = (shape.inputStep, shape.outputStep, shape.gradientStep)
      job.input_gradient_step = shape.windowStep * shape.targetPixelStride
      (job.window_height, job.window_width) = (shape.height, shape.width)
      (job.row_stride, job.pixel_stride) = (shape.rowStride, shape.pixelStride)
      job.input_gradient_row_stride = shape.targetRowStride
      job.input_gradient_pixel_stride = shape.targetPixelStride
      job.accumulate = shape.accumulates ? 1 : 0
      set.trainingKernels.max_pool_gradient(&job)
      return try expectation.check(target)
    }
  }
}
