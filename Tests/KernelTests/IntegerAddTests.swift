import CKernels
import TestSupport
import Testing

@Suite struct IntegerAddTests {
  private struct Shape {
    let count, zeroA, zeroB, factorA, factorB, shift: Int
    let bytes: ByteKind
    let range: ByteRange

    /// A third of the cases have halves to round, because the factors are multiples of half of 2^shift.
    init(_ random: inout Random, _ set: IntegerInstructionSet) {
      count = random.ragged(set.lanes, upTo: 5 * set.lanes)
      (zeroA, zeroB) = (random.element([0, 255, random.int(0...255)]), random.element([0, 255, random.int(0...255)]))
      let largest = 1 << 20 - 1
      if random.int(0...2) == 0 {
        shift = random.int(1...19)
        factorA = 1 << (shift - 1)
        factorB = factorA * random.int(0...2)
      } else {
        shift = random.int(1...30)
        // Factors up to 1, or to what 20 bits hold.
        let limit = random.element([largest, min(largest, 1 << shift)])
        (factorA, factorB) = (
          random.element([limit, random.int(0...limit)]), random.element([limit, random.int(0...limit)])
        )
      }
      bytes = random.element([.any, .any, .extremes, .highest])
      range = ByteRange(&random)
    }
  }

  @Test(arguments: IntegerInstructionSet.available)
  func sumsAreExact(set: IntegerInstructionSet) {
    forEachShape("integer add", set, count: 4000) {
      Shape(&$0, set)
    } exactTest: { shape, trial in
      let a: Integers<UInt8> = trial.arena.integers(shape.count, &trial.random)
      let b: Integers<UInt8> = trial.arena.integers(shape.count, &trial.random)
      for operand in [a, b] { operand.fill(0..<shape.count) { shape.bytes(&trial.random) } }
      let output: Integers<UInt8> = trial.arena.integerOutput(shape.count, &trial.random)
      var expectation = ExactExpectation(output)
      for index in 0..<shape.count {
        let sum = (Int(a[index]) - shape.zeroA) * shape.factorA + (Int(b[index]) - shape.zeroB) * shape.factorB
        expectation.expect(shape.range(Int64((sum + 1 << (shape.shift - 1)) >> shape.shift)), at: index)
      }

      var job = dnn_integer_add_job()
      (job.a, job.b, job.output, job.count) = (a.input, b.input, output.start, shape.count)
      (job.zero_a, job.zero_b) = (Int32(shape.zeroA), Int32(shape.zeroB))
      (job.factor_a, job.factor_b) = (Int32(shape.factorA), Int32(shape.factorB))
      job.shift = UInt32(shape.shift)
      (job.zero_point, job.lower, job.upper) = (shape.range.zeroPoint, shape.range.lower, shape.range.upper)
      trial.kernels.add(&job)
      try expectation.check(output)
    }
  }
}
