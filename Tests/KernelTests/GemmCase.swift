import CKernels
import TestSupport

/// The sizes of a matrix product.
struct GemmShape {
  let rows, taps, depth, columns: Int
  /// Floats between one output row and the next.
  let gap: Int
  let pool: Bool
  let activation: Activation

  /// Tiles have 1, 2, 3, 6, 9 or 12 rows; with pooling 4 or 12. The number of terms is mostly below 600.
  init(_ random: inout Random, _ set: InstructionSet, pool: Bool) {
    rows = pool ? 4 * random.near(1, 2, 3) : random.near(1, 2, 3, 6, 9, 12)
    taps = random.int(1...[1, 4, 9, 30][random.int(0...3)])
    depth = random.int(1...(random.int(0...19) == 0 ? 300 : max(1, min(300, 600 / taps))))
    columns = set.panels[random.int(0...2)]
    gap = random.int(0...2) * random.int(1...40)
    self.pool = pool
    activation = Activation(&random, onlyBounds: pool)
  }

  var terms: Int { taps * depth }
  /// Rows for each row of the output.
  var window: Int { pool ? 4 : 1 }
  var outputRows: Int { rows / window }
}

/// A matrix product with its operands.
struct GemmCase {
  let shape: GemmShape
  let input, weights, bias: Memory
  let rowOffsets, tapOffsets, outputOffsets: [Int]

  init(_ shape: GemmShape, _ trial: inout Trial) {
    self.shape = shape
    rowOffsets = (0..<shape.rows).map { _ in trial.random.int(-200...200) }
    tapOffsets = (0..<shape.taps).map { _ in trial.random.int(-200...200) }
    outputOffsets = (0..<shape.outputRows).map { $0 * (shape.columns + shape.gap) }.shuffled(using: &trial.random)
    weights = trial.numbers(shape.terms * shape.columns)
    bias = trial.numbers(shape.columns)
    input = trial.arena.memory(Self.origin + 400 + shape.depth)
    for row in rowOffsets {
      for tap in tapOffsets {
        let first = Self.origin + row + tap
        input.fill(first..<first + shape.depth, &trial.random)
      }
    }
  }

  /// Where an offset of zero points to: no row's offset and tap's together are below its opposite.
  private static let origin = 400

  func output(_ arena: Arena) -> Memory { arena.output(shape.outputRows * (shape.columns + shape.gap)) }

  /// Runs all of it at once.
  func run(_ trial: Trial, to output: Memory) {
    run(trial, rows: 0..<shape.rows, columns: 0..<shape.columns, weights: weights, to: output)
  }

  /// Runs it in the smallest pieces there are: one row, or window, by one vector.
  func runInPieces(_ trial: Trial, to output: Memory) {
    let lanes = trial.set.lanes
    for column in stride(from: 0, to: shape.columns, by: lanes) {
      let panel = trial.arena.memory(shape.terms * lanes)
      for term in 0..<shape.terms {
        for lane in 0..<lanes { panel[term * lanes + lane] = weights[term * shape.columns + column + lane] }
      }
      for row in stride(from: 0, to: shape.rows, by: shape.window) {
        run(trial, rows: row..<row + shape.window, columns: column..<column + lanes, weights: panel, to: output)
      }
    }
  }

  private func run(_ trial: Trial, rows: Range<Int>, columns: Range<Int>, weights: Memory, to output: Memory) {
    var job = dnn_gemm_job()
    job.input = input.input + Self.origin
    job.row_offsets = trial.arena.offsets(Array(rowOffsets[rows]))
    job.tap_offsets = trial.arena.offsets(tapOffsets)
    let outputs = rows.lowerBound / shape.window..<rows.upperBound / shape.window
    job.output_offsets = trial.arena.offsets(Array(outputOffsets[outputs]))
    (job.rows, job.taps, job.depth, job.columns) = (rows.count, shape.taps, shape.depth, columns.count)
    job.weights = weights.input
    job.bias = bias.input + columns.lowerBound
    job.output = output.start + columns.lowerBound
    (job.activation, job.activation_parameter) = (shape.activation.code, shape.activation.parameter)
    job.pool = shape.pool ? 1 : 0
    trial.kernels.gemm(&job)
  }

  /// The sums of one row before the activation, and the sums of their terms' magnitudes.
  func sums(row: Int) -> (values: [Double], magnitudes: [Double]) {
    var values = (0..<shape.columns).map { Double(bias[$0]) }
    var magnitudes = values.map(abs)
    for tap in 0..<shape.taps {
      for d in 0..<shape.depth {
        let factor = Double(input[Self.origin + rowOffsets[row] + tapOffsets[tap] + d])
        let line = weights.start + (tap * shape.depth + d) * shape.columns
        for n in 0..<shape.columns {
          let term = factor * Double(line[n])
          values[n] += term
          magnitudes[n] += abs(term)
        }
      }
    }
    return (values, magnitudes)
  }
}
