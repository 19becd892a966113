import CKernels
import TestSupport
import Testing

/// The transforms of F(4x4, 3x3) that only training needs, each against the matrices that it stands for.
@Suite struct WinogradTrainingTests {
  private struct Shape {
    let channels, pixelStride, rowStride, planeStride, rows, columns: Int
    let turnsTaps: Bool

    init(_ random: inout Random, _ set: InstructionSet) {
      channels = set.lanes * random.int(1...4)
      pixelStride = channels + set.lanes * random.int(0...2)
      rowStride = pixelStride * (4 + random.int(0...2))
      planeStride = channels + set.lanes * random.int(0...2)
      (rows, columns) = (random.int(1...4), random.int(1...4))
      turnsTaps = random.int(0...1) == 1
    }

    /// Of the weights.
    func tap(_ tap: Int) -> Int { (turnsTaps ? 8 - tap : tap) * pixelStride }
  }

  private let winograd = Winograd.four

  @Test(arguments: InstructionSet.available)
  func gradientsMatchReference(set: InstructionSet) {
    let matrix = winograd.output.transposed
    forEachShape("winograd4_gradient", set, count: 2000) {
      Shape(&$0, set)
    } test: { shape, trial in
      let gradient = trial.arena.memory(4 * shape.rowStride)
      for row in 0..<shape.rows {
        for column in 0..<shape.columns {
          let first = row * shape.rowStride + column * shape.pixelStride
          gradient.fill(first..<first + shape.channels, &trial.random)
        }
      }
      let transformed = trial.arena.output(winograd.planes * shape.planeStride)
      let scratch = trial.arena.memory(36 * set.lanes)
      var job = dnn_winograd_gradient_job()
      (job.gradient, job.transformed, job.scratch) = (gradient.input, transformed.start, scratch.start)
      (job.row_stride, job.pixel_stride, job.channels) = (shape.rowStride, shape.pixelStride, shape.channels)
      (job.rows, job.columns, job.plane_stride) = (shape.rows, shape.columns, shape.planeStride)
      set.trainingKernels.winograd4_gradient(&job)

      var expectation = Expectation(transformed)
      for channel in 0..<shape.channels {
        let tile = Matrix(4, 4) {
          $0 < shape.rows && $1 < shape.columns
            ? Double(gradient[$0 * shape.rowStride + $1 * shape.pixelStride + channel]) : 0
        }
        // Two sums in each direction, of products that are exact.
        expect(&expectation, tile, matrix, roundings: 4) { $0 * shape.planeStride + channel }
      }
      try scratch.checkGuardZones("scratch")
      return try expectation.check(transformed)
    }
  }

  @Test(arguments: InstructionSet.available)
  func weightsMatchReference(set: InstructionSet) {
    forEachShape("winograd4_weights", set, count: 2000) {
      Shape(&$0, set)
    } test: { shape, trial in
      let weights = trial.arena.memory(9 * shape.pixelStride)
      for tap in 0..<9 { weights.fill(shape.tap(tap)..<shape.tap(tap) + shape.channels, &trial.random) }
      let transformed = trial.arena.output(winograd.planes * shape.planeStride)
      try run(set.trainingKernels.winograd4_weights, weights, transformed, shape, trial)

      var expectation = Expectation(transformed)
      for channel in 0..<shape.channels {
        let kernel = Matrix(3, 3) { Double(weights[shape.tap(3 * $0 + $1) + channel]) }
        // In each direction a factor that is rounded itself, its product, and two sums.
        expect(&expectation, kernel, winograd.weights, roundings: 8) { $0 * shape.planeStride + channel }
      }
      return try expectation.check(transformed)
    }
  }

  @Test(arguments: InstructionSet.available)
  func weightGradientsMatchReference(set: InstructionSet) {
    forEachShape("winograd4_weight_gradient", set, count: 2000) {
      Shape(&$0, set)
    } test: { shape, trial in
      let weights = trial.arena.output(9 * shape.pixelStride)
      let transformed = trial.arena.memory(winograd.planes * shape.planeStride)
      for plane in 0..<winograd.planes {
        let first = plane * shape.planeStride
        transformed.fill(first..<first + shape.channels, &trial.random)
      }
      try run(set.trainingKernels.winograd4_weight_gradient, weights, transformed, shape, trial)

      var expectation = Expectation(weights)
      for channel in 0..<shape.channels {
        let tile = Matrix(6, 6) { Double(transformed[(6 * $0 + $1) * shape.planeStride + channel]) }
        // In each direction a sum, a factor that is rounded itself, its product, and two more sums.
        expect(&expectation, tile, winograd.weights.transposed, roundings: 10) { shape.tap($0) + channel }
      }
      return try expectation.check(weights)
    }
  }

  private func run(
    _ kernel: (UnsafePointer<dnn_winograd_weights_job>?) -> Void, _ weights: Memory, _ transformed: Memory,
    _ shape: Shape, _ trial: Trial
  ) throws {
    let scratch = trial.arena.memory(36 * trial.set.lanes)
    var job = dnn_winograd_weights_job()
    (job.weights, job.tap_stride) = (weights.start + shape.tap(0), shape.tap(1) - shape.tap(0))
    (job.columns, job.transformed) = (shape.channels, transformed.start)
    (job.plane_stride, job.scratch) = (shape.planeStride, scratch.start)
    kernel(&job)
    try scratch.checkGuardZones("scratch")
  }

  /// Expects the elements of m t m^T, row by row, each where `place` says.
  private func expect(
    _ expectation: inout Expectation, _ tile: Matrix, _ matrix: Matrix, roundings: Int, _ place: (Int) -> Int
  ) {
    let values = tile.transformed(by: matrix)
    let magnitudes = tile.magnitudes.transformed(by: matrix.magnitudes)
    for row in 0..<values.rows {
      for column in 0..<values.columns {
        expectation.expect(
          values[row, column], within: Rounding.gamma(roundings) * magnitudes[row, column],
          at: place(row * values.columns + column))
      }
    }
  }
}
