import CKernels
import TestSupport
import Testing

@Suite struct WinogradInputTests {
  private struct Shape {
    let channels, pixelStride, rowStride, planeStride: Int

    init(_ random: inout Random, _ set: InstructionSet, _ winograd: Winograd) {
      channels = set.lanes * random.int(1...4)
      pixelStride = channels + set.lanes * random.int(0...2)
      rowStride = pixelStride * (winograd.size + random.int(0...2))
      planeStride = channels + set.lanes * random.int(0...2)
    }
  }

  @Test(arguments: InstructionSet.available, [Winograd.two, .four])
  func transformsMatchReference(set: InstructionSet, winograd: Winograd) {
    let (size, matrix) = (winograd.size, winograd.input)
    forEachShape("\(winograd)_input", set, count: 2000) {
      Shape(&$0, set, winograd)
    } test: { shape, trial in
      let input = trial.arena.memory(size * shape.rowStride)
      for row in 0..<size {
        for column in 0..<size {
          let first = row * shape.rowStride + column * shape.pixelStride
          input.fill(first..<first + shape.channels, &trial.random)
        }
      }
      let transformed = trial.arena.output(winograd.planes * shape.planeStride)
      let scratch = trial.arena.memory(36 * set.lanes)
      var job = dnn_winograd_input_job()
      (job.input, job.transformed, job.scratch) = (input.input, transformed.start, scratch.start)
      (job.row_stride, job.pixel_stride, job.channels) = (shape.rowStride, shape.pixelStride, shape.channels)
      job.plane_stride = shape.planeStride
      winograd.inputKernel(trial.kernels)(&job)

      var expectation = Expectation(transformed)
      for channel in 0..<shape.channels {
        let tile = Matrix(size, size) {
          Double(input[$0 * shape.rowStride + $1 * shape.pixelStride + channel])
        }
        let values = tile.transformed(by: matrix)
        let magnitudes = tile.magnitudes.transformed(by: matrix.magnitudes)
        for plane in 0..<winograd.planes {
          expectation.expect(
            values[plane / size, plane % size],
            within: Rounding.gamma(2 * winograd.inputRoundings) * magnitudes[plane / size, plane % size],
            at: plane * shape.planeStride + channel)
        }
      }
      try scratch.checkGuardZones("scratch")
      return try expectation.check(transformed)
    }
  }
}
