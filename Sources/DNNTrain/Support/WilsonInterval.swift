/// Where a share may lie, given how often it was seen: the score interval of E. B. Wilson, "Probable inference, the law of
/// succession, and statistical inference", Journal of the American Statistical Association 22 (1927). Unlike the usual
/// p ± 1.96 s it stays within 0 and 1 and is right for shares near 1, which is where good classifiers are.
///
/// - Parameters:
///   - successes: how often it was seen, 0 to `count`.
///   - count: of how many; at least 1.
/// - Returns: the interval that holds the true share with a probability of 95 %.
public func wilsonInterval(successes: Int, of count: Int) -> ClosedRange<Double> {
  precondition(count >= 1 && (0...count).contains(successes))
  // The 97.5 % point of the normal distribution.
  let z = 1.959963984540054
  let (n, share) = (Double(count), Double(successes) / Double(count))
  let centre = share + z * z / (2 * n)
  let spread = z * (share * (1 - share) / n + z * z / (4 * n * n)).squareRoot()
  let scale = 1 + z * z / n
  // The ends at 0 and 1 are exact, which rounding would miss.
  return (successes == 0 ? 0 : (centre - spread) / scale)...(successes == count ? 1 : (centre + spread) / scale)
}
