/// Probabilities from integer logits, the same on every machine: powers of two by an integer polynomial, then one division in
/// double precision and one rounding. `factor` turns differences of logits into powers of two.
func integerSoftmax(
  _ count: Int, _ factor: FixedPoint, _ probabilities: UnsafeMutablePointer<Float>, _ logit: (Int) -> Int32
) {
  var largest = Int32.min
  for index in 0..<count { largest = max(largest, logit(index)) }
  var sum: Int64 = 0
  for index in 0..<count { sum += power(Int64(largest) - Int64(logit(index)), factor) }
  for index in 0..<count {
    let part = power(Int64(largest) - Int64(logit(index)), factor)
    probabilities[index] = Float(Double(part) / Double(sum))
  }
}

/// 2^(30 - difference * factor), rounded down; zero from 2^-1 on.
@inline(never) private func power(_ difference: Int64, _ factor: FixedPoint) -> Int64 {
  guard difference < Int64(Int32.max) else { return 0 }
  let exponent = (difference * Int64(factor.multiplier)) >> Int64(factor.shift - fractionBits)
  let (whole, fraction) = (exponent >> Int64(fractionBits), exponent & (1 << fractionBits - 1))
  if whole > 30 { return 0 }
  // 2^-x on [0, 1) in units of 2^-30 with a relative error below 7e-8: the polynomial of degree 5 with the least largest error
  // among those that are 1 at 0 (found by iteratively reweighted least squares).
  var result: Int64 = -1_024_387
  result = 9_908_897 + (result * fraction) >> Int64(fractionBits)
  result = -59_395_848 + (result * fraction) >> Int64(fractionBits)
  result = 257_898_519 + (result * fraction) >> Int64(fractionBits)
  result = -744_258_157 + (result * fraction) >> Int64(fractionBits)
  result = 1_073_741_824 + (result * fraction) >> Int64(fractionBits)
  return result >> whole
}

private let fractionBits = 24
