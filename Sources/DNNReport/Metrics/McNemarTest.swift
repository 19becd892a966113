import DNNModel
import Glibc

/// Whether two models that answered the same images differ by more than chance: Q. McNemar, "Note on the sampling error of the
/// difference between correlated proportions or percentages", Psychometrika 12 (1947). Only images that one of them has right
/// and the other wrong tell anything; without a difference each of these is as likely to be the one as the other. That is the
/// binomial distribution, taken exactly, not its approximation by chi squared.
public struct McNemarTest: Sendable, Equatable {
  /// Images that only the first model has right.
  public let onlyFirstRight: Int
  /// Images that only the second model has right.
  public let onlySecondRight: Int
  /// How likely a difference at least this large is, in either direction, between equally good models.
  public let pValue: Double

  /// The p-value for people, like "p = 0.0386".
  public var pValueText: String { pValue < 1e-4 ? "p < 0.0001" : "p = " + decimal(pValue, 4) }

  /// Counts of at least 0.
  public init(onlyFirstRight: Int, onlySecondRight: Int) {
    self.onlyFirstRight = onlyFirstRight
    self.onlySecondRight = onlySecondRight
    let count = onlyFirstRight + onlySecondRight
    let tail = (0...min(onlyFirstRight, onlySecondRight)).reduce(0) { $0 + binomialProbability($1, of: count) }
    pValue = min(1, 2 * tail)
  }
}

/// That of `count` throws of a coin, `successes` are heads: the binomial coefficient over 2^count, by logarithms, because both
/// leave the range of numbers.
private func binomialProbability(_ successes: Int, of count: Int) -> Double {
  func logFactorial(_ number: Int) -> Double { lgamma(Double(number) + 1) }
  let coefficient = logFactorial(count) - logFactorial(successes) - logFactorial(count - successes)
  return exp(coefficient - Double(count) * log(2))
}
