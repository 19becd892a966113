/// A positive factor as multiplier * 2^-shift: how integer models scale sums without floating point. FileFormat.md, "Factors
/// as integers", defines every number here.
package struct FixedPoint: BitwiseCopyable {
  package var multiplier: Int32
  package var shift: Int

  package init(multiplier: Int32, shift: Int) {
    self.multiplier = multiplier
    self.shift = shift
  }

  /// The nearest one with a multiplier of 31 bits: 2^30 ... 2^31 - 1.
  ///
  /// - Parameter factor: positive and normal.
  package init(_ factor: Double) {
    shift = FixedPoint.shift(for: factor, bits: 31)
    multiplier = FixedPoint.multiplier(factor, shift: shift)
  }

  /// From the sum of a window's elements to their mean, for average pooling.
  package static func average(input: Quantization, output: Quantization, elements: Int) -> FixedPoint {
    FixedPoint(Double(input.scale) / (Double(output.scale) * Double(elements)))
  }

  /// The value times the factor, rounded to the nearest integer, and up halfway.
  func scale(_ value: Int32) -> Int64 {
    (Int64(value) &* Int64(multiplier) &+ 1 << Int64(shift - 1)) >> Int64(shift)
  }

  /// The shift that gives the largest of several factors, which is positive and normal, a multiplier of `bits` bits:
  /// 2^(bits - 1) ... 2^bits - 1.
  package static func shift(for factor: Double, bits: Int) -> Int {
    // factor * 2^shift is in 2^(bits - 1) ..< 2^bits, and may be rounded up to the upper end.
    let shift = bits - 1 - Int(factor.exponent)
    return roundedProduct(factor, powerOfTwo: shift) == 1 << bits ? shift - 1 : shift
  }

  /// The multiplier of a factor that is at most the one `shift` was chosen for.
  package static func multiplier(_ factor: Double, shift: Int) -> Int32 {
    Int32(roundedProduct(factor, powerOfTwo: shift))
  }
}

/// value * 2^power, rounded to the nearest integer, and to the even one halfway. The value is positive and normal, the product
/// below 2^52.
///
/// In integers, because the runtime links no mathematical library and not every processor has an instruction for it.
func roundedProduct(_ value: Double, powerOfTwo power: Int) -> Int64 {
  let bits = Double.significandBitCount
  // The value is significand * 2^(exponent - bits), and the significand has one bit more than the field that stores it.
  let significand = Int64(value.significandBitPattern) | 1 << bits
  let dropped = bits - Int(value.exponent) - power
  // Below 2^53 / 2^54, so less than one half.
  if dropped > bits + 1 { return 0 }
  let quotient = significand >> dropped
  let remainder = significand - quotient << dropped
  let half: Int64 = 1 << (dropped - 1)
  return remainder > half || (remainder == half && quotient & 1 == 1) ? quotient + 1 : quotient
}
