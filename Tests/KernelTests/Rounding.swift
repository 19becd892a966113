/// How far rounding can lead a result away.
///
/// A result that is a sum of terms, each of which went through n roundings, is within γ_n = n u / (1 - n u) times the sum of the
/// terms' magnitudes, where u is the unit roundoff (N. Higham, Accuracy and Stability of Numerical Algorithms, 2002, lemma 3.1
/// and section 3.1).
enum Rounding {
  /// 2^-24 for single precision; and for the reference, which makes at most 16 times as many roundings of 2^-53.
  static let unit = 0x1p-24 + 0x1p-49

  static func gamma(_ roundings: Int) -> Double {
    let total = Double(roundings) * unit
    return total / (1 - total)
  }

  /// The smallest number above zero: what rounding can do to a number too small to be a normal one.
  static let underflow = Double(Float.leastNonzeroMagnitude)
}

extension InstructionSet {
  /// The most roundings that a term of a chain of multiply-adds goes through: one for each later step, and one for its product
  /// where that is rounded by itself.
  func roundings(chain steps: Int) -> Int { isFused ? steps : steps + 1 }
}
