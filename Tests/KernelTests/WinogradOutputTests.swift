import CKernels
import TestSupport
import Testing

@Suite struct WinogradOutputTests {
  private struct Shape {
    let rows, columns, channels, pixelStride, rowStride, planeStride: Int
    let pool: Bool
    let activation: Activation

    init(_ random: inout Random, _ set: InstructionSet, _ winograd: Winograd) {
      pool = random.int(0...2) == 0
      let most = pool ? winograd.outputs / 2 : winograd.outputs
      rows = random.int(1...most)
      columns = random.int(1...most)
      channels = set.lanes * random.int(1...4)
      pixelStride = channels + set.lanes * random.int(0...2)
      rowStride = pixelStride * (most + random.int(0...2))
      planeStride = channels + set.lanes * random.int(0...2)
      activation = Activation(&random, onlyBounds: pool)
    }
  }

  @Test(arguments: InstructionSet.available, [Winograd.two, .four])
  func transformsMatchReference(set: InstructionSet, winograd: Winograd) {
    forEachShape("\(winograd)_output", set, count: 3000) {
      Shape(&$0, set, winograd)
    } test: { shape, trial in
      let transformed = trial.arena.memory(winograd.planes * shape.planeStride)
      for plane in 0..<winograd.planes {
        let first = plane * shape.planeStride
        transformed.fill(first..<first + shape.channels, &trial.random)
      }
      let bias = trial.numbers(shape.channels)
      let scratch = trial.arena.memory(36 * set.lanes)
      let output = trial.arena.output(winograd.outputs * shape.rowStride)
      var job = dnn_winograd_output_job()
      (job.transformed, job.bias, job.scratch) = (transformed.input, bias.input, scratch.start)
      (job.output, job.plane_stride) = (output.start, shape.planeStride)
      (job.activation, job.activation_parameter) = (shape.activation.code, shape.activation.parameter)
      (job.row_stride, job.pixel_stride, job.channels) = (shape.rowStride, shape.pixelStride, shape.channels)
      (job.rows, job.columns, job.pool) = (shape.rows, shape.columns, shape.pool ? 1 : 0)
      winograd.outputKernel(trial.kernels)(&job)
      try scratch.checkGuardZones("scratch")

      var expectation = Expectation(output)
      for channel in 0..<shape.channels {
        let (values, errors) = reference(winograd, shape, transformed, bias, channel)
        for row in 0..<shape.rows {
          for column in 0..<shape.columns {
            let value = values[row, column]
            expectation.expect(
              shape.activation(value), within: shape.activation.bound(value, error: errors[row, column]),
              at: row * shape.rowStride + column * shape.pixelStride + channel)
          }
        }
      }
      let margin = try expectation.check(output)
      try checkPieces(winograd, shape, job, trial, output)
      return margin
    }
  }

  /// The values of one channel before the activation, and their largest errors. The last rounding is that of the bias.
  private func reference(
    _ winograd: Winograd, _ shape: Shape, _ transformed: Memory, _ bias: Memory, _ channel: Int
  ) -> (values: Matrix, errors: Matrix) {
    let size = winograd.size
    let tile = Matrix(size, size) { Double(transformed[(size * $0 + $1) * shape.planeStride + channel]) }
    let addend = Double(bias[channel])
    let sums = tile.transformed(by: winograd.output)
    let magnitudes = tile.magnitudes.transformed(by: winograd.output.magnitudes)
    let gamma = Rounding.gamma(2 * winograd.outputRoundings + 1)
    let values = Matrix(sums.rows, sums.columns) { sums[$0, $1] + addend }
    let errors = Matrix(sums.rows, sums.columns) { gamma * (magnitudes[$0, $1] + abs(addend)) }
    return shape.pool ? (values.windowMaxima, errors.windowMaxima) : (values, errors)
  }

  /// A part of a tile has the bits that it has in the whole one, and a vector of channels those that it has beside others.
  private func checkPieces(
    _ winograd: Winograd, _ shape: Shape, _ job: dnn_winograd_output_job, _ trial: Trial, _ output: Memory
  ) throws {
    let pieces = trial.arena.output(output.count)
    var job = job
    let most = shape.pool ? winograd.outputs / 2 : winograd.outputs
    (job.rows, job.columns, job.channels) = (most, most, trial.set.lanes)
    for channel in stride(from: 0, to: shape.channels, by: trial.set.lanes) {
      var piece = job
      piece.transformed += channel
      piece.bias += channel
      piece.output = pieces.start + channel
      winograd.outputKernel(trial.kernels)(&piece)
    }
    for place in output.places where !output.isBlank(place) {
      if output[place].bitPattern != pieces[place].bitPattern {
        throw Failure("output[\(place)] is \(output[place]), but \(pieces[place]) in a whole tile of one vector")
      }
    }
  }
}

extension Matrix {
  /// The largest of each 2x2 elements.
  fileprivate var windowMaxima: Matrix {
    Matrix(rows / 2, columns / 2) {
      max(self[2 * $0, 2 * $1], self[2 * $0, 2 * $1 + 1], self[2 * $0 + 1, 2 * $1], self[2 * $0 + 1, 2 * $1 + 1])
    }
  }
}
