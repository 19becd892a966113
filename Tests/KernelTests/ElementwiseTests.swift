import CKernels
import TestSupport
import Testing

@Suite struct ElementwiseTests {
  private struct Shape {
    let count: Int
    let hasB: Bool
    let bound: Float
    let activation: Activation

    /// Inputs up to 100, where sigmoid and tanh have long reached their limits.
    init(_ random: inout Random, _ set: InstructionSet) {
      count = set.lanes * random.int(1...9)
      hasB = random.int(0...1) == 0
      bound = random.int(0...1) == 0 ? 1 : 100
      activation = Activation(&random)
    }
  }

  @Test(arguments: InstructionSet.available)
  func sumsMatchReference(set: InstructionSet) {
    forEachShape("elementwise", set, count: 3000) {
      Shape(&$0, set)
    } test: { shape, trial in
      let a = trial.numbers(shape.count, bound: shape.bound)
      let b = trial.numbers(shape.count, bound: shape.bound)
      let output = trial.arena.output(shape.count)
      var job = dnn_elementwise_job()
      (job.a, job.b, job.output) = (a.input, shape.hasB ? b.input : nil, output.start)
      job.count = shape.count
      (job.activation, job.activation_parameter) = (shape.activation.code, shape.activation.parameter)
      trial.kernels.elementwise(&job)

      var expectation = Expectation(output)
      for index in 0..<shape.count {
        let sum = Double(a[index]) + (shape.hasB ? Double(b[index]) : 0)
        let error = shape.hasB ? Rounding.gamma(1) * abs(sum) : 0
        expectation.expect(
          shape.activation(sum), within: shape.activation.bound(sum, error: error), at: index)
      }
      return try expectation.check(output)
    }
  }
}
