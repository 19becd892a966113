import CKernels
import TestSupport
import Testing

/// Input transform, products and output transform together against the convolution that they stand for.
@Suite struct WinogradConvolutionTests {
  private struct Shape {
    let tiles, inputChannels, outputChannels: Int
    let activation: Activation

    init(_ random: inout Random, _ set: InstructionSet) {
      tiles = random.int(1...4)
      inputChannels = set.lanes * random.int(1...2)
      outputChannels = set.panels[random.int(0...2)]
      activation = Activation(&random)
    }
  }

  private struct Convolution {
    let winograd: Winograd
    let shape: Shape
    /// Tiles, one after the other, each (size, size, channel); weights (3, 3, input channel, output channel).
    let input, weights, bias: Memory

    init(_ winograd: Winograd, _ shape: Shape, _ trial: inout Trial) {
      (self.winograd, self.shape) = (winograd, shape)
      input = trial.numbers(shape.tiles * winograd.planes * shape.inputChannels)
      weights = trial.numbers(9 * shape.inputChannels * shape.outputChannels)
      bias = trial.numbers(shape.outputChannels)
    }

    func tile(_ tile: Int, channel: Int) -> Matrix {
      Matrix(winograd.size, winograd.size) {
        Double(input[((tile * winograd.size + $0) * winograd.size + $1) * shape.inputChannels + channel])
      }
    }

    func kernel(_ inputChannel: Int, _ outputChannel: Int) -> Matrix {
      Matrix(3, 3) {
        Double(weights[((3 * $0 + $1) * shape.inputChannels + inputChannel) * shape.outputChannels + outputChannel])
      }
    }

    /// (tile, output row, output column, channel).
    func run(_ trial: Trial) -> Memory {
      let planes = winograd.planes
      let (inputPlane, outputPlane) = (shape.tiles * shape.inputChannels, shape.tiles * shape.outputChannels)
      let transformed = trial.arena.memory(planes * inputPlane)
      let products = trial.arena.memory(planes * outputPlane)
      let scratch = trial.arena.memory(36 * trial.set.lanes)
      for tile in 0..<shape.tiles {
        var job = dnn_winograd_input_job()
        job.input = input.input + tile * planes * shape.inputChannels
        (job.pixel_stride, job.channels) = (shape.inputChannels, shape.inputChannels)
        job.row_stride = winograd.size * shape.inputChannels
        job.transformed = transformed.start + tile * shape.inputChannels
        (job.plane_stride, job.scratch) = (inputPlane, scratch.start)
        winograd.inputKernel(trial.kernels)(&job)
      }
      multiply(transformed, products, trial)
      let output = trial.arena.output(outputCount)
      for tile in 0..<shape.tiles {
        var job = dnn_winograd_output_job()
        job.transformed = products.input + tile * shape.outputChannels
        (job.plane_stride, job.bias, job.scratch) = (outputPlane, bias.input, scratch.start)
        (job.activation, job.activation_parameter) = (shape.activation.code, shape.activation.parameter)
        job.output = output.start + place(tile, 0, 0, 0)
        (job.pixel_stride, job.channels) = (shape.outputChannels, shape.outputChannels)
        job.row_stride = winograd.outputs * shape.outputChannels
        (job.rows, job.columns) = (winograd.outputs, winograd.outputs)
        winograd.outputKernel(trial.kernels)(&job)
      }
      return output
    }

    /// The product of each plane: tiles by input channels times input channels by output channels.
    private func multiply(_ transformed: Memory, _ products: Memory, _ trial: Trial) {
      let planes = (0..<winograd.planes).map { _ in trial.arena.memory(shape.inputChannels * shape.outputChannels) }
      for c in 0..<shape.inputChannels {
        for k in 0..<shape.outputChannels {
          let element = kernel(c, k).transformed(by: winograd.weights)
          for (plane, weights) in planes.enumerated() {
            weights[c * shape.outputChannels + k] = Float(element[plane / winograd.size, plane % winograd.size])
          }
        }
      }
      let zeros = trial.arena.memory(shape.outputChannels, blank: 0)
      var job = dnn_gemm_job()
      job.row_offsets = trial.arena.offsets((0..<shape.tiles).map { $0 * shape.inputChannels })
      job.output_offsets = trial.arena.offsets((0..<shape.tiles).map { $0 * shape.outputChannels })
      job.tap_offsets = trial.arena.offsets([0])
      (job.rows, job.taps, job.depth, job.columns) = (shape.tiles, 1, shape.inputChannels, shape.outputChannels)
      (job.bias, job.activation) = (zeros.input, UInt32(DNN_ACTIVATION_NONE))
      for (plane, weights) in planes.enumerated() {
        job.input = transformed.input + plane * shape.tiles * shape.inputChannels
        job.weights = weights.input
        job.output = products.start + plane * shape.tiles * shape.outputChannels
        trial.kernels.gemm(&job)
      }
    }

    var outputCount: Int { shape.tiles * winograd.outputs * winograd.outputs * shape.outputChannels }

    func place(_ tile: Int, _ row: Int, _ column: Int, _ channel: Int) -> Int {
      ((tile * winograd.outputs + row) * winograd.outputs + column) * shape.outputChannels + channel
    }
  }

  @Test(arguments: InstructionSet.available, [Winograd.two, .four])
  func convolutionsMatchReference(set: InstructionSet, winograd: Winograd) {
    forEachShape("\(winograd) convolution", set, count: 300) {
      Shape(&$0, set)
    } test: { shape, trial in
      let convolution = Convolution(winograd, shape, &trial)
      let output = convolution.run(trial)
      // The roundings of both transforms, of the weights, of the chain of products and of the bias.
      let gamma = Rounding.gamma(
        2 * winograd.inputRoundings + 1 + set.roundings(chain: shape.inputChannels) + 2 * winograd.outputRoundings + 1)
      var expectation = Expectation(output)
      for k in 0..<shape.outputChannels {
        let kernels = (0..<shape.inputChannels).map { convolution.kernel($0, k) }
        let weightMagnitudes = kernels.map { $0.transformed(by: winograd.weights).magnitudes }
        let bias = Double(convolution.bias[k])
        for tile in 0..<shape.tiles {
          let inputs = (0..<shape.inputChannels).map { convolution.tile(tile, channel: $0) }
          let sums = zip(inputs, kernels).map { direct($0, $1) }.reduce(Matrix(winograd.outputs)) { $0 + $1 }
          let terms = zip(inputs, weightMagnitudes).map {
            $0.magnitudes.transformed(by: winograd.input.magnitudes).elementwiseProduct($1)
          }
          let magnitudes = terms.reduce(Matrix(winograd.size)) { $0 + $1 }
            .transformed(by: winograd.output.magnitudes)
          for row in 0..<winograd.outputs {
            for column in 0..<winograd.outputs {
              let value = sums[row, column] + bias
              let error = gamma * (magnitudes[row, column] + abs(bias))
              expectation.expect(
                shape.activation(value), within: shape.activation.bound(value, error: error),
                at: convolution.place(tile, row, column, k))
            }
          }
        }
      }
      return try expectation.check(output)
    }
  }

  /// The convolution as it is defined.
  private func direct(_ input: Matrix, _ kernel: Matrix) -> Matrix {
    Matrix(input.rows - 2, input.columns - 2) { row, column in
      (0..<9).reduce(0) { $0 + input[row + $1 / 3, column + $1 % 3] * kernel[$1 / 3, $1 % 3] }
    }
  }
}

extension Matrix {
  /// A square of zeros.
  fileprivate init(_ size: Int) { self.init(size, size) { _, _ in 0 } }
}
