import CKernels
import TestSupport
import Testing

@Suite struct OuterProductTests {
  /// Tiles have six rows or one.
  private struct Shape {
    let steps, rows, columns, stride: Int
    let accumulate: Bool

    init(_ random: inout Random, _ set: InstructionSet) {
      steps = random.int(1...[4, 40, 300][random.int(0...2)])
      rows = random.near(1, 6)
      columns = set.panels[random.int(0...2)]
      stride = columns + random.int(0...1) * random.int(1...40)
      accumulate = random.int(0...1) == 1
    }
  }

  @Test(arguments: InstructionSet.available)
  func sumsMatchReference(set: InstructionSet) {
    forEachShape("outer", set, count: 4000) {
      Shape(&$0, set)
    } test: { shape, trial in
      let (left, leftOffsets) = operands(shape.steps, shape.rows, &trial)
      let (right, rightOffsets) = operands(shape.steps, shape.columns, &trial)
      let product = trial.arena.output(shape.rows * shape.stride)
      let pieces = trial.arena.output(product.count)
      var expectation = Expectation(product)
      for row in 0..<shape.rows {
        for column in 0..<shape.columns {
          let place = row * shape.stride + column
          var (sum, magnitude) = (0.0, 0.0)
          if shape.accumulate {
            product.fill(place..<place + 1, &trial.random)
            pieces[place] = product[place]
            (sum, magnitude) = (Double(product[place]), Double(abs(product[place])))
          }
          for step in 0..<shape.steps {
            let term = Double(left[leftOffsets[step] + row]) * Double(right[rightOffsets[step] + column])
            sum += term
            magnitude += abs(term)
          }
          expectation.expect(
            sum, within: Rounding.gamma(set.roundings(chain: shape.steps)) * magnitude, at: place)
        }
      }

      var job = dnn_outer_job()
      (job.left, job.right, job.product) = (left.input, right.input, product.start)
      job.left_offsets = trial.arena.offsets(leftOffsets)
      job.right_offsets = trial.arena.offsets(rightOffsets)
      (job.steps, job.rows, job.columns) = (shape.steps, shape.rows, shape.columns)
      job.product_stride = shape.stride
      job.accumulate = shape.accumulate ? 1 : 0
      set.trainingKernels.outer(&job)
      let margin = try expectation.check(product)

      job.rows = 1
      for row in 0..<shape.rows {
        job.left = left.input + row
        job.product = pieces.start + row * shape.stride
        set.trainingKernels.outer(&job)
      }
      if !pieces.hasSameBits(as: product) { throw Failure("row by row, the result is another") }
      return margin
    }
  }

  /// Vectors of `size` anywhere in a memory that is blank between them.
  private func operands(_ steps: Int, _ size: Int, _ trial: inout Trial) -> (Memory, [Int]) {
    let offsets = (0..<steps).map { _ in trial.random.int(0...(4 * steps)) }
    let memory = trial.arena.memory(4 * steps + size)
    for offset in offsets { memory.fill(offset..<offset + size, &trial.random) }
    return (memory, offsets)
  }
}
