import CKernels
import TestSupport

/// The sizes of a matrix product of integers, and what its numbers are like.
struct IntegerGemmShape {
  /// What is special about the sums and how they are scaled.
  enum Scaling { case fitting, halves, any }

  let rows, taps, depth, columns, panel: Int
  /// Elements between one output row and the next.
  let gap: Int
  let pool, storesSums: Bool
  let bytes: ByteKind
  let weights: WeightKind
  let scaling: Scaling
  let range: ByteRange

  /// Tiles have 1, 2, 4, 6 or 12 rows; with pooling 4 or 12. The number of terms is mostly below 600.
  init(_ random: inout Random, _ set: IntegerInstructionSet, pool: Bool, storesSums: Bool) {
    rows = pool ? 4 * random.near(1, 3) : random.near(1, 2, 4, 6, 12)
    taps = random.int(1...random.element([1, 4, 9, 30]))
    depth = random.int(1...(random.int(0...19) == 0 ? 300 : max(1, min(300, 600 / taps))))
    panel = random.element(set.panels)
    columns = random.ragged(set.lanes, upTo: panel)
    gap = random.int(0...2) * random.int(1...40)
    (self.pool, self.storesSums) = (pool, storesSums)
    bytes = random.element(ByteKind.allCases)
    weights = random.element(WeightKind.allCases)
    scaling = random.element([.fitting, .fitting, .halves, .any])
    range = ByteRange(&random)
  }

  var terms: Int { taps * depth }
  /// Quads of one run.
  var quads: Int { (depth + 3) / 4 }
  /// Rows for each row of the output.
  var window: Int { pool ? 4 : 1 }
  var outputRows: Int { rows / window }
}

/// A matrix product of integers with its operands and sums.
struct IntegerGemmCase {
  let shape: IntegerGemmShape
  let rowOffsets, tapOffsets, outputOffsets: [Int]
  private let input: Integers<UInt8>
  /// The input's place for a row or tap at offset 0.
  private let origin: Int
  /// One run after the other, with other numbers between the rows.
  private let weights: Integers<Int8>
  private let stride: Int
  private let bias, multipliers: Integers<Int32>
  private var shift = 32
  /// For each row, then column.
  private var sums: [Int64]

  init(_ shape: IntegerGemmShape, _ trial: inout IntegerTrial) {
    self.shape = shape
    rowOffsets = (0..<shape.rows).map { _ in trial.random.int(-200...200) }
    tapOffsets = (0..<shape.taps).map { _ in trial.random.int(-200...200) }
    outputOffsets = (0..<shape.outputRows).map { $0 * (shape.columns + shape.gap) }.shuffled(using: &trial.random)

    // All that is ever read, up to the last byte of the last quad.
    origin = -(rowOffsets.min()! + tapOffsets.min()!)
    input = trial.arena.integers(
      origin + rowOffsets.max()! + tapOffsets.max()! + 4 * shape.quads, &trial.random)
    for row in rowOffsets {
      for tap in tapOffsets {
        let first = origin + row + tap
        input.fill(first..<first + shape.depth) { shape.bytes(&trial.random) }
      }
    }
    stride = shape.columns + trial.random.element([0, trial.random.int(1...40)])
    weights = trial.arena.integers(shape.terms * stride, &trial.random)
    for term in 0..<shape.terms {
      weights.fill(term * stride..<term * stride + shape.columns) { shape.weights(&trial.random) }
    }
    bias = trial.arena.integers(shape.panel, &trial.random)
    multipliers = trial.arena.integers(shape.panel, &trial.random)
    sums = [Int64](repeating: 0, count: shape.rows * shape.columns)

    addProducts()
    chooseScale(&trial.random)
  }

  private mutating func addProducts() {
    for row in 0..<shape.rows {
      for (tap, offset) in tapOffsets.enumerated() {
        let run = input.start + origin + rowOffsets[row] + offset
        for d in 0..<shape.depth {
          let line = weights.start + (tap * shape.depth + d) * stride
          let factor = Int32(run[d])
          for n in 0..<shape.columns { sums[row * shape.columns + n] += Int64(factor * Int32(line[n])) }
        }
      }
    }
  }

  /// Chooses each column's bias, which it adds to the sums, and multiplier; then the shift.
  private mutating func chooseScale(_ random: inout Random) {
    let halvesShift = random.int(32...49)
    let isExtreme = random.int(0...2) == 0
    for n in 0..<shape.columns {
      let range = biasRange(column: n)
      let value: Int64
      if shape.scaling == .halves {
        // One row's sum times 2^30 is an odd multiple of half of 2^shift.
        let half = Int64(2 * random.int(-150...150) + 1) << Int64(halvesShift - 31)
        value = half - sums[random.int(0...shape.rows - 1) * shape.columns + n]
        multipliers[n] = 1 << 30
      } else {
        let limit = Int64(1) << Int64(random.int(0...30))
        let any = Int64.random(in: -limit...limit, using: &random)
        value =
          isExtreme
          ? random.element([range.lowerBound, range.upperBound])
          : min(max(any, range.lowerBound), range.upperBound)
        multipliers[n] = random.element([
          0, 1, 1 << 30, .max, Int32(random.int(1 << 30...Int(Int32.max))), Int32(random.int(0...Int(Int32.max))),
        ])
      }
      precondition(range.contains(value))
      bias[n] = Int32(value)
      for row in 0..<shape.rows { sums[row * shape.columns + n] += value }
    }
    switch shape.scaling {
    case .halves: shift = halvesShift
    case .any: shift = random.int(32...62)
    case .fitting:
      // The largest sum becomes a number of about eight bits.
      let largest = sums.reduce(1) { max($0, $1.magnitude) }
      let bits = UInt64.bitWidth - largest.leadingZeroBitCount
      shift = min(max(bits + 31 - 8 + random.int(-2...2), 32), 62)
    }
  }

  /// With these no sum leaves 32 bits, whatever the input is and in whatever order the terms are added.
  private func biasRange(column: Int) -> ClosedRange<Int64> {
    var (lowest, highest) = (Int64(Int32.min), Int64(Int32.max))
    for term in 0..<shape.terms {
      let reach = 255 * Int64(weights[term * stride + column])
      if reach > 0 { highest -= reach } else { lowest -= reach }
    }
    return lowest...highest
  }

  /// Elements of the output.
  var outputCount: Int { shape.outputRows * (shape.columns + shape.gap) }

  /// Each sum that is stored, with its place in the output and its column.
  func forEachSum(_ body: (_ place: Int, _ column: Int, _ sum: Int64) -> Void) {
    for (row, offset) in outputOffsets.enumerated() {
      let window = row * shape.window..<(row + 1) * shape.window
      for n in 0..<shape.columns {
        body(offset + n, n, window.reduce(.min) { max($0, sums[$1 * shape.columns + n]) })
      }
    }
  }

  func byte(_ sum: Int64, column: Int) -> UInt8 {
    shape.range((sum * Int64(multipliers[column]) + 1 << Int64(shift - 1)) >> Int64(shift))
  }

  /// Packs the weights and runs the product, to either of the outputs.
  func run(_ trial: inout IntegerTrial, bytes: Integers<UInt8>?, sums: Integers<Int32>?) throws {
    let scratch: Integers<Int32> = trial.arena.integerOutput(24 * trial.set.lanes, &trial.random)
    let before = ExactExpectation(scratch)
    var job = dnn_integer_gemm_job()
    job.input = input.input + origin
    job.row_offsets = trial.arena.offsets(rowOffsets)
    job.tap_offsets = trial.arena.offsets(tapOffsets)
    (job.rows, job.taps, job.depth) = (shape.rows, shape.taps, shape.depth)
    (job.columns, job.panel) = (shape.columns, shape.panel)
    job.weights = packedWeights(&trial).input
    (job.bias, job.multipliers) = (bias.input, sums == nil ? multipliers.input : nil)
    job.shift = UInt32(shift)
    (job.zero_point, job.lower, job.upper) = (shape.range.zeroPoint, shape.range.lower, shape.range.upper)
    (job.output, job.sums) = (bytes?.start, sums?.start)
    let size = sums == nil ? 1 : MemoryLayout<Int32>.size
    job.output_offsets = trial.arena.offsets(outputOffsets.map { size * $0 })
    job.scratch = scratch.start
    job.pool = shape.pool ? 1 : 0
    trial.kernels.gemm(&job)
    try before.checkGuardZones(scratch, "scratch")
  }

  private func packedWeights(_ trial: inout IntegerTrial) -> Integers<Int8> {
    let size = shape.quads * shape.panel * Int(trial.kernels.quad_size)
    let packed: Integers<Int8> = trial.arena.integers(shape.taps * size, &trial.random)
    packed.fill(0..<packed.count) { 0 }
    var job = dnn_integer_pack_job()
    (job.depth, job.columns, job.panel, job.stride) = (shape.depth, shape.columns, shape.panel, stride)
    for tap in 0..<shape.taps {
      job.weights = weights.input + tap * shape.depth * stride
      job.packed = packed.start + tap * size
      trial.kernels.pack(&job)
    }
    return packed
  }
}
