import CKernels
import TestSupport
import Testing

/// The kernels of training that go over images pixel by pixel.
@Suite struct NormalisationTests {
  private struct Shape {
    let rows, columns, channels: Int
    let activation: Activation
    let hasSums: Bool
    /// Of each operand: its strides in vectors, from pixel to pixel and, besides the pixels, from row to row.
    let steps: [(pixel: Int, row: Int)]

    /// Chains are four pixels wide.
    init(_ random: inout Random, _ set: InstructionSet) {
      rows = random.int(1...5)
      columns = random.near(1, 4)
      channels = set.lanes * random.int(1...3)
      activation = Activation(&random)
      hasSums = random.int(0...1) == 1
      let (lanes, channels, columns) = (set.lanes, channels, columns)
      steps = (0..<3).map { _ in
        let pixel = channels + lanes * random.int(0...2)
        return (pixel, columns * pixel + lanes * random.int(0...3))
      }
    }

    var size: dnn_image_size { dnn_image_size(rows: rows, columns: columns, channels: channels) }
    var pixels: Int { rows * columns }

    func place(_ operand: Int, _ pixel: Int, _ channel: Int) -> Int {
      pixel / columns * steps[operand].row + pixel % columns * steps[operand].pixel + channel
    }

    func image(_ operand: Int, _ memory: Memory) -> dnn_image {
      dnn_image(pixels: memory.start, row_stride: steps[operand].row, pixel_stride: steps[operand].pixel)
    }

    /// Memory of an operand, random where its pixels are and blank elsewhere.
    func input(_ operand: Int, _ trial: inout Trial, bound: Float = 1) -> Memory {
      let memory = trial.arena.memory(rows * steps[operand].row)
      fill(memory, operand, &trial, bound: bound)
      return memory
    }

    func fill(_ memory: Memory, _ operand: Int, _ trial: inout Trial, bound: Float = 1) {
      for pixel in 0..<pixels {
        let first = place(operand, pixel, 0)
        memory.fill(first..<first + channels, &trial.random, bound: bound)
      }
    }
  }

  @Test(arguments: InstructionSet.available)
  func sumsMatchReference(set: InstructionSet) {
    compareSums("channel_sums", set, set.trainingKernels.channel_sums) { input, _, _ in (input, abs(input)) }
  }

  @Test(arguments: InstructionSet.available)
  func squaresMatchReference(set: InstructionSet) {
    compareSums("channel_squares", set, set.trainingKernels.channel_squares) { input, centre, _ in
      ((input - centre) * (input - centre), (input - centre) * (input - centre))
    }
  }

  @Test(arguments: InstructionSet.available)
  func productsMatchReference(set: InstructionSet) {
    compareSums("channel_products", set, set.trainingKernels.channel_products) { input, centre, weight in
      ((input - centre) * weight, abs(input - centre) * abs(weight))
    }
  }

  /// `term` takes input, centre and weight, and gives a term of the sum and its magnitude.
  private func compareSums(
    _ name: String, _ set: InstructionSet, _ kernel: (UnsafePointer<dnn_channel_sums_job>?) -> Void,
    _ term: (Double, Double, Double) -> (Double, Double)
  ) {
    forEachShape(name, set, count: 2000) {
      Shape(&$0, set)
    } test: { shape, trial in
      let (input, weight) = (shape.input(0, &trial), shape.input(1, &trial))
      let centre = trial.numbers(shape.channels)
      let sums = trial.arena.output(shape.channels)
      sums.fill(0..<shape.channels, &trial.random)
      var expectation = Expectation(sums)
      for channel in 0..<shape.channels {
        var (sum, magnitude) = (Double(sums[channel]), Double(abs(sums[channel])))
        for pixel in 0..<shape.pixels {
          let (value, size) = term(
            Double(input[shape.place(0, pixel, channel)]), Double(centre[channel]),
            Double(weight[shape.place(1, pixel, channel)]))
          sum += value
          magnitude += size
        }
        // A term has up to two roundings before it is added, the second of a distance squared; a sum one a pixel, two more in
        // each row where the chains meet, and one for what was there.
        let roundings = set.roundings(chain: shape.pixels) + 2 * shape.rows + 4
        expectation.expect(sum, within: Rounding.gamma(roundings) * magnitude, at: channel)
      }
      var job = dnn_channel_sums_job()
      (job.size, job.input, job.weight) = (shape.size, shape.image(0, input), shape.image(1, weight))
      (job.centre, job.sums) = (centre.input, sums.start)
      kernel(&job)
      return try expectation.check(sums)
    }
  }

  @Test(arguments: InstructionSet.available)
  func normaliseMatchesReference(set: InstructionSet) {
    forEachShape("normalise", set, count: 2000) {
      Shape(&$0, set)
    } test: { shape, trial in
      let input = shape.input(0, &trial)
      let output = trial.arena.output(shape.rows * shape.steps[1].row)
      let vectors = (0..<3).map { _ in trial.numbers(shape.channels) }
      var job = dnn_normalise_job()
      (job.size, job.input, job.output) = (shape.size, shape.image(0, input), shape.image(1, output))
      (job.centre, job.factor, job.offset) = (vectors[0].input, vectors[1].input, vectors[2].input)
      (job.activation, job.activation_parameter) = (shape.activation.code, shape.activation.parameter)
      set.trainingKernels.normalise(&job)

      var expectation = Expectation(output)
      forEachElement(shape) { pixel, channel in
        let distance = Double(input[shape.place(0, pixel, channel)]) - Double(vectors[0][channel])
        let (factor, offset) = (Double(vectors[1][channel]), Double(vectors[2][channel]))
        let sum = distance * factor + offset
        let error = Rounding.gamma(3) * (abs(distance * factor) + abs(offset))
        expectation.expect(
          shape.activation(sum), within: shape.activation.bound(sum, error: error),
          at: shape.place(1, pixel, channel))
      }
      return try expectation.check(output)
    }
  }

  @Test(arguments: InstructionSet.available)
  func normaliseGradientMatchesReference(set: InstructionSet) {
    forEachShape("normalise_gradient", set, count: 2000) {
      Shape(&$0, set)
    } test: { shape, trial in
      let (input, gradient) = (shape.input(0, &trial), shape.input(1, &trial))
      let output = trial.arena.output(shape.rows * shape.steps[2].row)
      let vectors = (0..<4).map { _ in trial.numbers(shape.channels) }
      var job = dnn_normalise_gradient_job()
      (job.size, job.input) = (shape.size, shape.image(0, input))
      (job.gradient, job.output) = (shape.image(1, gradient), shape.image(2, output))
      (job.centre, job.slope, job.factor) = (vectors[0].input, vectors[1].input, vectors[2].input)
      job.offset = vectors[3].input
      set.trainingKernels.normalise_gradient(&job)

      var expectation = Expectation(output)
      forEachElement(shape) { pixel, channel in
        let distance = Double(input[shape.place(0, pixel, channel)]) - Double(vectors[0][channel])
        let slope = Double(gradient[shape.place(1, pixel, channel)])
        let (correction, offset) = (distance * Double(vectors[1][channel]), Double(vectors[3][channel]))
        let factor = Double(vectors[2][channel])
        let magnitude = (abs(slope) + abs(offset) + abs(correction)) * abs(factor)
        expectation.expect(
          (slope - offset - correction) * factor, within: Rounding.gamma(5) * magnitude,
          at: shape.place(2, pixel, channel))
      }
      return try expectation.check(output)
    }
  }

  @Test(arguments: InstructionSet.available)
  func activationGradientMatchesReference(set: InstructionSet) {
    forEachShape("activation_gradient", set, count: 3000) {
      Shape(&$0, set)
    } test: { shape, trial in
      let output = shape.input(0, &trial, bound: 2)
      // Bounds are reached, and zeros are zeros.
      for pixel in 0..<shape.pixels where pixel.isMultiple(of: 3) {
        output[shape.place(0, pixel, 0)] = pixel.isMultiple(of: 2) ? 0 : shape.activation.parameter
      }
      let gradient = trial.arena.output(shape.rows * shape.steps[1].row)
      shape.fill(gradient, 1, &trial)
      let sums = trial.arena.output(shape.channels)
      sums.fill(0..<shape.channels, &trial.random)

      var expectations = (gradient: Expectation(gradient), sums: Expectation(sums))
      var totals = (0..<shape.channels).map { (sum: Double(sums[$0]), magnitude: Double(abs(sums[$0]))) }
      forEachElement(shape) { pixel, channel in
        let place = shape.place(1, pixel, channel)
        let (derivative, size) = derivative(shape.activation, Double(output[shape.place(0, pixel, channel)]))
        let (value, magnitude) = (Double(gradient[place]) * derivative, Double(abs(gradient[place])) * size)
        expectations.gradient.expect(value, within: Rounding.gamma(4) * magnitude, at: place)
        totals[channel].sum += value
        totals[channel].magnitude += magnitude
      }
      for (channel, total) in totals.enumerated() {
        let bound = shape.hasSums ? Rounding.gamma(shape.pixels + shape.rows + 4) * total.magnitude : 0
        expectations.sums.expect(shape.hasSums ? total.sum : Double(sums[channel]), within: bound, at: channel)
      }
      var job = dnn_activation_gradient_job()
      (job.size, job.output, job.gradient) = (shape.size, shape.image(0, output), shape.image(1, gradient))
      (job.activation, job.activation_parameter) = (shape.activation.code, shape.activation.parameter)
      job.sums = shape.hasSums ? sums.start : nil
      set.trainingKernels.activation_gradient(&job)
      return try max(expectations.gradient.check(gradient), expectations.sums.check(sums))
    }
  }

  /// Of an activation, from its output; and the sum of the magnitudes that the derivative is made of.
  private func derivative(_ activation: Activation, _ y: Double) -> (Double, Double) {
    let parameter = Double(activation.parameter)
    switch Int(activation.code) {
    case DNN_ACTIVATION_RELU: return y > 0 ? (1, 1) : (0, 0)
    case DNN_ACTIVATION_LEAKY_RELU: return y > 0 ? (1, 1) : (parameter, abs(parameter))
    case DNN_ACTIVATION_CLIPPED_RELU: return y > 0 && y < parameter ? (1, 1) : (0, 0)
    case DNN_ACTIVATION_SIGMOID: return (y - y * y, abs(y) + y * y)
    case DNN_ACTIVATION_TANH: return (1 - y * y, 1 + y * y)
    default: return (1, 1)
    }
  }

  private func forEachElement(_ shape: Shape, _ body: (_ pixel: Int, _ channel: Int) -> Void) {
    for pixel in 0..<shape.pixels { for channel in 0..<shape.channels { body(pixel, channel) } }
  }
}
