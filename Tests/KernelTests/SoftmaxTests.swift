import CKernels
import Foundation
import TestSupport
import Testing

@Suite struct SoftmaxTests {
  private struct Shape {
    let count: Int
    /// Half of the distance between the smallest and the largest logit.
    let spread: Float
    /// NaN, infinities and numbers that have infinite differences.
    let isWild: Bool

    init(_ random: inout Random) {
      count = random.int(1...[3, 20, 200][random.int(0...2)])
      spread = [0, 0.01, 1, 10, 60, 1000][random.int(0...5)]
      isWild = random.int(0...3) == 0
    }
  }

  private static let wild: [Float] = [
    .nan, .infinity, -.infinity, .greatestFiniteMagnitude, -.greatestFiniteMagnitude, 1e30, -1e30, 0, -0.0,
    .leastNonzeroMagnitude, 88.7, -103.9,
  ]

  @Test(arguments: InstructionSet.available)
  func probabilitiesMatchReference(set: InstructionSet) {
    forEachShape("softmax", set, count: 3000) {
      Shape(&$0)
    } test: { shape, trial in
      // An infinity that is not a logit would be the largest one.
      let logits = trial.numbers(shape.count, bound: shape.spread, blank: .infinity)
      if shape.isWild {
        for index in 0..<shape.count where trial.random.int(0...1) == 0 {
          logits[index] = Self.wild[trial.random.int(0...Self.wild.count - 1)]
        }
      }
      let output = trial.arena.output(shape.count)
      trial.kernels.softmax(logits.input, output.start, shape.count)

      let values = (0..<shape.count).map { meaning(of: logits[$0]) }
      let margin = try checkValues(values, output)
      try checkSum(output)
      try checkOrder(values, output)
      return margin
    }
  }

  /// A logit counts as the nearest finite number, one that is no number as the lowest.
  private func meaning(of logit: Float) -> Double {
    let most = Double(Float.greatestFiniteMagnitude)
    return logit.isNaN ? -most : min(max(Double(logit), -most), most)
  }

  /// An exponential has its own error and, to first order, that of the difference it is the exponential of. All of them have a
  /// share in the sum, which is n - 1 roundings more, and the quotient is the last. The kernel's exponential goes no lower
  /// than e^-87.3, which adds that much at most to a probability, and to each term of the sum.
  private func checkValues(_ logits: [Double], _ output: Memory) throws -> Double {
    let largest = logits.max() ?? 0
    let exponentials = logits.map { exp($0 - largest) }
    let sum = exponentials.reduce(0, +)
    let errors = logits.map { Rounding.gamma(exponentialRoundings) + expm1(Rounding.unit * min(largest - $0, 88)) }
    let sumError =
      zip(exponentials, errors).reduce(0) { $0 + $1.0 * $1.1 } / sum + Rounding.gamma(logits.count)
    let floor = exp(-87.3) * (1 + 1e-3) * Double(logits.count)
    var expectation = Expectation(output)
    for index in logits.indices {
      let probability = exponentials[index] / sum
      // The three relative errors are below 0.001, so that their products are below a thousandth of them.
      let bound = probability * (errors[index] + sumError) * 1.001 + floor
      expectation.expect(probability, within: bound, at: index)
    }
    return try expectation.check(output)
  }

  /// The quotients' own sum is 1, but for the roundings of the kernel's sum and of each quotient.
  private func checkSum(_ output: Memory) throws {
    let sum = (0..<output.count).reduce(0) { $0 + Double(output[$1]) }
    let bound = Rounding.gamma(output.count) + Double(output.count) * Rounding.underflow
    if !(abs(sum - 1) <= bound) { throw Failure("the sum is \(sum), should be 1 within \(bound)") }
  }

  /// Equal logits give equal probabilities, and a larger logit a larger one, if its exponential is larger by more than the
  /// errors of both; the largest logit has the largest in any case.
  private func checkOrder(_ logits: [Double], _ output: Memory) throws {
    let order = logits.indices.sorted { logits[$0] < logits[$1] }
    let largest = logits.max() ?? 0
    for (lower, upper) in zip(order, order.dropFirst()) {
      let error = 2 * (Rounding.gamma(exponentialRoundings + 1) + Rounding.unit * min(largest - logits[lower], 88))
      let isOrdered =
        logits[lower] == logits[upper]
        ? output[lower] == output[upper]
        : logits[upper] - logits[lower] < 1.001 * error || output[lower] <= output[upper]
      if !isOrdered {
        throw Failure(
          "logits \(logits[lower]) and \(logits[upper]) give probabilities \(output[lower]) and \(output[upper])")
      }
    }
    let top = output[order[order.count - 1]]
    for index in order where output[index] > top {
      throw Failure("probability \(index) is above that of the largest logit, \(output[index]) and \(top)")
    }
  }
}
