import DNNModel
import Glibc

/// The values that a hyper-parameter can take in a search.
package enum SearchRange: Equatable, Sendable {
  /// One of these.
  case choices([String])
  /// Any number from the lower to the upper bound.
  case interval(ClosedRange<Double>, Scale)

  /// What is spread evenly over an interval.
  package enum Scale: Equatable, Sendable {
    case numbers, logarithms, wholeNumbers
  }

  /// Reads "LOW..HIGH" or "A,B,C".
  ///
  /// - Parameters:
  ///   - text: either.
  ///   - scale: for an interval.
  /// - Throws: `SearchRangeError`.
  package init(parsing text: String, _ scale: Scale) throws {
    let bounds = text.components(separatedBy: "..")
    guard bounds.count > 1 else {
      let choices = text.split(separator: ",", omittingEmptySubsequences: false).map { trimmed(String($0)) }
      guard choices.allSatisfy({ !$0.isEmpty }) else { throw SearchRangeError.noRange(text) }
      self = .choices(choices)
      return
    }
    guard bounds.count == 2, let low = Double(trimmed(bounds[0])), let high = Double(trimmed(bounds[1])), low <= high,
      high - low < .infinity
    else { throw SearchRangeError.noRange(text) }
    if scale == .logarithms && low <= 0 { throw SearchRangeError.noLogarithm(text) }
    if scale == .wholeNumbers && !(low.rounded() == low && high.rounded() == high && max(abs(low), high) < 0x1p48) {
      throw SearchRangeError.noWholeNumbers(text)
    }
    self = .interval(low...high, scale)
  }

  /// A value, as a command line takes it; numbers with three digits, so that they can be typed again.
  func draw(_ generator: inout RandomGenerator) -> String {
    switch self {
    case .choices(let choices): return choices[generator.index(below: choices.count)]
    case .interval(let bounds, .wholeNumbers):
      return "\(Int(bounds.lowerBound) + generator.index(below: Int(bounds.upperBound - bounds.lowerBound) + 1))"
    case .interval(let bounds, .numbers):
      return short(bounds.lowerBound + generator.positiveUnit() * (bounds.upperBound - bounds.lowerBound), bounds)
    case .interval(let bounds, .logarithms):
      let (low, high) = (log(bounds.lowerBound), log(bounds.upperBound))
      return short(exp(low + generator.positiveUnit() * (high - low)), bounds)
    }
  }
}

private func short(_ value: Double, _ bounds: ClosedRange<Double>) -> String {
  let rounded = Double(significant(value, 3)) ?? value
  return "\(min(max(rounded, bounds.lowerBound), bounds.upperBound))"
}

private func trimmed(_ text: String) -> String { text.trimmed { $0.isWhitespace && !$0.isNewline } }

/// Why a text is no range to search.
package enum SearchRangeError: Error, Equatable, CustomStringConvertible {
  case noRange(String)
  case noLogarithm(String)
  case noWholeNumbers(String)

  /// What is wrong and what to do.
  package var description: String {
    switch self {
    case .noRange(let text): "\"\(text)\" is no range: write LOW..HIGH like 0.1..0.5, or values like 32,64,128"
    case .noLogarithm(let text): "\(text) is searched by logarithms: start above 0, for example at 0.00001"
    case .noWholeNumbers(let text): "\(text): give whole numbers"
    }
  }
}
