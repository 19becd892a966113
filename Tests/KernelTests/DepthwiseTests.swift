import CKernels
import TestSupport
import Testing

@Suite struct DepthwiseTests {
  /// Four pixels are computed at a time.
  private struct Shape {
    let count, taps, channels, inputStep, outputStep: Int
    let activation: Activation

    init(_ random: inout Random, _ set: InstructionSet) {
      count = random.near(1, 4)
      taps = random.int(1...[1, 9, 30][random.int(0...2)])
      channels = set.lanes * random.int(1...4)
      inputStep = set.lanes * random.int(1...6)
      outputStep = channels + set.lanes * random.int(0...2)
      activation = Activation(&random)
    }
  }

  @Test(arguments: InstructionSet.available)
  func sumsMatchReference(set: InstructionSet) {
    forEachShape("depthwise", set, count: 4000) {
      Shape(&$0, set)
    } test: { shape, trial in
      let offsets = (0..<shape.taps).map { _ in set.lanes * trial.random.int(-12...12) }
      let origin = set.lanes * 12
      let input = trial.arena.memory(2 * origin + shape.count * shape.inputStep + shape.channels)
      for pixel in 0..<shape.count {
        for offset in offsets {
          let first = origin + pixel * shape.inputStep + offset
          input.fill(first..<first + shape.channels, &trial.random)
        }
      }
      let weights = trial.numbers(shape.taps * shape.channels)
      let bias = trial.numbers(shape.channels)
      let output = trial.arena.output(shape.count * shape.outputStep)

      var job = dnn_depthwise_job()
      job.input = input.input + origin
      job.tap_offsets = trial.arena.offsets(offsets)
      (job.count, job.taps, job.channels) = (shape.count, shape.taps, shape.channels)
      (job.input_step, job.output_step) = (shape.inputStep, shape.outputStep)
      (job.weights, job.bias, job.output) = (weights.input, bias.input, output.start)
      (job.activation, job.activation_parameter) = (shape.activation.code, shape.activation.parameter)
      trial.kernels.depthwise(&job)

      var expectation = Expectation(output)
      for pixel in 0..<shape.count {
        for channel in 0..<shape.channels {
          var sum = Double(bias[channel])
          var magnitude = abs(sum)
          for tap in 0..<shape.taps {
            let place = origin + pixel * shape.inputStep + offsets[tap] + channel
            let term = Double(input[place]) * Double(weights[tap * shape.channels + channel])
            sum += term
            magnitude += abs(term)
          }
          let error = Rounding.gamma(set.roundings(chain: shape.taps)) * magnitude
          expectation.expect(
            shape.activation(sum), within: shape.activation.bound(sum, error: error),
            at: pixel * shape.outputStep + channel)
        }
      }
      let margin = try expectation.check(output)

      let pieces = trial.arena.output(output.count)
      job.count = 1
      for pixel in 0..<shape.count {
        job.input = input.input + origin + pixel * shape.inputStep
        job.output = pieces.start + pixel * shape.outputStep
        trial.kernels.depthwise(&job)
      }
      if !pieces.hasSameBits(as: output) { throw Failure("pixel by pixel, the result is another") }
      return margin
    }
  }
}
