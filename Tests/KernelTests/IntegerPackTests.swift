import CKernels
import TestSupport
import Testing

/// Where a weight comes to lie is a matter between `pack` and `gemm`. Tested is what both promise: how many bytes are written,
/// that those are the same whatever was there, and that a product finds every weight in them.
@Suite struct IntegerPackTests {
  private struct Shape {
    let depth, columns, panel, stride: Int
    let weights: WeightKind

    init(_ random: inout Random, _ set: IntegerInstructionSet) {
      depth = random.int(1...random.element([9, 300]))
      panel = random.element(set.panels)
      columns = random.ragged(set.lanes, upTo: panel)
      stride = columns + random.element([0, random.int(1...100)])
      weights = random.element(WeightKind.allCases)
    }

    var quads: Int { (depth + 3) / 4 }
  }

  @Test(arguments: IntegerInstructionSet.available)
  func productsFindWeights(set: IntegerInstructionSet) {
    forEachShape("integer pack", set, count: 2000) {
      Shape(&$0, set)
    } exactTest: { shape, trial in
      let weights: Integers<Int8> = trial.arena.integers(
        (shape.depth - 1) * shape.stride + shape.columns, &trial.random)
      for row in 0..<shape.depth {
        weights.fill(row * shape.stride..<row * shape.stride + shape.columns) { shape.weights(&trial.random) }
      }
      let packed = try pack(weights, shape, &trial)
      try checkProduct(packed, weights, shape, &trial)
    }
  }

  /// Packs the weights where nothing but zeros are, and where none are; compares the results.
  private func pack(
    _ weights: Integers<Int8>, _ shape: Shape, _ trial: inout IntegerTrial
  ) throws -> Integers<Int8> {
    let quadSize = Int(trial.kernels.quad_size)
    let section = shape.panel * quadSize
    let packed: Integers<Int8> = trial.arena.integerOutput(shape.quads * section, &trial.random)
    let other: Integers<Int8> = trial.arena.integerOutput(packed.count, &trial.random)
    packed.fill(0..<packed.count) { 0 }
    other.fill(0..<other.count) { Int8(truncatingIfNeeded: trial.random.int(1...255)) }
    var (expectation, otherExpectation) = (ExactExpectation(packed), ExactExpectation(other))

    var job = dnn_integer_pack_job()
    (job.weights, job.packed) = (weights.input, packed.start)
    (job.depth, job.columns, job.panel, job.stride) = (shape.depth, shape.columns, shape.panel, shape.stride)
    trial.kernels.pack(&job)
    job.packed = other.start
    trial.kernels.pack(&job)

    for quad in 0..<shape.quads {
      // Where nothing is written the two differ.
      let written = (quad * section..<(quad + 1) * section).filter { packed[$0] == other[$0] }
      let count = min(shape.depth - 4 * quad, 4) * shape.columns * quadSize / 4
      if written.count != count {
        throw Failure("\(written.count) bytes of quad \(quad) are written, should be \(count)")
      }
      for place in written {
        expectation.expect(packed[place], at: place)
        otherExpectation.expect(packed[place], at: place)
      }
    }
    try expectation.check(packed, "packed")
    try otherExpectation.check(other, "packed")
    return packed
  }

  /// The product with an identity matrix gives the weights.
  private func checkProduct(
    _ packed: Integers<Int8>, _ weights: Integers<Int8>, _ shape: Shape, _ trial: inout IntegerTrial
  ) throws {
    // A run of zeros with a one in its middle, and where there are no weights anything.
    let rowSize = 4 * shape.quads
    let input: Integers<UInt8> = trial.arena.integers(shape.depth * rowSize, &trial.random)
    let bias: Integers<Int32> = trial.arena.integers(shape.panel, &trial.random)
    bias.fill(0..<shape.columns) { 0 }
    let scratch: Integers<Int32> = trial.arena.integerOutput(24 * trial.set.lanes, &trial.random)
    let sums: Integers<Int32> = trial.arena.integerOutput(shape.depth * shape.columns, &trial.random)
    var expectation = ExactExpectation(sums)
    for row in 0..<shape.depth {
      input.fill(row * rowSize..<row * rowSize + shape.depth) { 0 }
      input[row * rowSize + row] = 1
      for column in 0..<shape.columns {
        expectation.expect(Int32(weights[row * shape.stride + column]), at: row * shape.columns + column)
      }
    }
    var job = dnn_integer_gemm_job()
    (job.input, job.weights, job.bias) = (input.input, packed.input, bias.input)
    job.row_offsets = trial.arena.offsets((0..<shape.depth).map { $0 * rowSize })
    job.tap_offsets = trial.arena.offsets([0])
    (job.rows, job.taps, job.depth, job.columns, job.panel) = (shape.depth, 1, shape.depth, shape.columns, shape.panel)
    job.output_offsets = trial.arena.offsets((0..<shape.depth).map { $0 * shape.columns * MemoryLayout<Int32>.size })
    (job.sums, job.scratch) = (sums.start, scratch.start)
    trial.kernels.gemm(&job)
    try expectation.check(sums, "sums")
  }
}
