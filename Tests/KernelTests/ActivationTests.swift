import CKernels
import Foundation
import Testing

/// The accuracy that Activation.swift claims, over the whole range and densely.
@Suite struct ActivationTests {
  /// Numbers from -100 to 100 in steps of 1/4096, and every sixteenth power of two on both sides of zero in steps of 1/64.
  private static let inputs: [Float] =
    (-409_600...409_600).map { Float($0) / 4096 }
    + (-126...126).flatMap { exponent in
      (0..<64).flatMap { step -> [Float] in
        let value = Float(sign: .plus, exponent: exponent, significand: 1 + Float(step) / 64)
        return [value, -value]
      }
    } + [0, -0.0, .greatestFiniteMagnitude, -.greatestFiniteMagnitude, .infinity, -.infinity]

  @Test(arguments: InstructionSet.available, [Activation.Kind.sigmoid, .tanh])
  func activationsAreAsAccurateAsTheyClaim(set: InstructionSet, kind: Activation.Kind) throws {
    let activation = Activation(kind)
    let arena = Arena()
    defer { arena.free() }
    let count = (Self.inputs.count + set.lanes - 1) / set.lanes * set.lanes
    let (input, output) = (arena.memory(count), arena.output(count))
    for index in 0..<count { input[index] = index < Self.inputs.count ? Self.inputs[index] : 0 }
    var job = dnn_elementwise_job()
    (job.a, job.output, job.count, job.activation) = (input.input, output.start, count, activation.code)
    set.kernels.elementwise(&job)

    var expectation = Expectation(output)
    for index in 0..<count {
      let x = Double(input[index])
      expectation.expect(activation(x), within: activation.bound(x, error: 0), at: index)
    }
    let margin = try expectation.check(output)
    print("\(kind), \(set): errors up to \((1000 * margin).rounded() / 10) % of their bound")
  }

  /// Of the logits 0 and x < -17 softmax makes 1 and the exponential of x itself, because the sum of both rounds to 1; so this
  /// is where the exponential is seen alone.
  @Test(arguments: InstructionSet.available)
  func exponentialIsWithinTwoUnitsInTheLastPlace(set: InstructionSet) {
    var largest = 0.0
    for step in 0..<(70 * 4096) {
      let x = -17 - Float(step) / 4096
      var probabilities: [Float] = [0, 0]
      set.kernels.softmax([0, x], &probabilities, 2)
      let value = exp(Double(x))
      let units = abs(Double(probabilities[1]) - value) / Double(Float(value).ulp)
      largest = max(largest, units)
      if !(units <= 2) {
        Issue.record("\(set): the exponential of \(x) is \(probabilities[1]), \(units) units from \(value)")
        return
      }
    }
    print("exponential, \(set): errors up to \((1000 * largest).rounded() / 1000) units in the last place")
  }
}
