import CKernels
import TestSupport
import Testing

@Suite struct DropoutTests {
  private struct Shape {
    let first, count: Int
    let state: UInt64
    let threshold: UInt32

    init(_ random: inout Random, _ set: InstructionSet) {
      first = random.int(0...100)
      count = random.int(1...100)
      state = random.next()
      threshold = UInt32(truncatingIfNeeded: random.next())
    }
  }

  @Test(arguments: InstructionSet.available)
  func factorsMatchReference(set: InstructionSet) {
    forEachShape("dropout_factors", set, count: 2000) {
      Shape(&$0, set)
    } exactTest: { shape, trial in
      let factors = trial.arena.output(shape.count)
      var job = dnn_dropout_job()
      (job.state, job.first, job.count) = (shape.state, shape.first, shape.count)
      (job.threshold, job.scale, job.factors) = (shape.threshold, 1.5, factors.start)
      set.trainingKernels.dropout_factors(&job)
      for index in 0..<shape.count {
        let element = shape.first + index
        let word = splitMix(shape.state, element / 2)
        let bits = UInt32(truncatingIfNeeded: element.isMultiple(of: 2) ? word : word >> 32)
        let expected: Float = bits < shape.threshold ? 0 : 1.5
        guard factors[index] == expected else {
          throw Failure("factor of element \(element) is \(factors[index]), should be \(expected)")
        }
      }
      try factors.checkGuardZones("factors")
    }
  }

  /// The word at a position of the stream that `state` begins.
  private func splitMix(_ state: UInt64, _ position: Int) -> UInt64 {
    var stream = Random(state)
    for _ in 0..<position { _ = stream.next() }
    return stream.next()
  }
}
