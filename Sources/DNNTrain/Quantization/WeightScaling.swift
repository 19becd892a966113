import MNISTInfer

/// How the scale of an output channel's weights is found; the 8-bit numbers reach from -127 to 127.
public enum WeightScaling: String, Sendable, CaseIterable {
  /// The largest weight is 127.
  case largest = "largest"
  /// The scale whose rounding and clipping together have the least squared error.
  case leastSquaredError = "least squares"

  /// Where the numbers may end, as a part of the largest weight w. Clipping w to half costs w² / 4. Rounding n weights in steps of
  /// w / 127 costs n (w / 127)² / 12, which is less for any n below 48,000: less than half is never best.
  private static let fractions = (0...50).map { 1 - Float($0) / 100 }

  /// The scales of all columns.
  ///
  /// - Parameters:
  ///   - weights: row-major; the last dimension is the columns.
  ///   - leastScales: for each column, positive.
  /// - Returns: a scale for each column.
  func scales(_ weights: [Float], leastScales: [Float]) -> [Float] {
    let columns = leastScales.count
    var largest = [Float](repeating: 0, count: columns)
    for (index, weight) in weights.enumerated() {
      largest[index % columns] = max(largest[index % columns], abs(weight))
    }
    func scales(_ fraction: Float) -> [Float] {
      zip(largest, leastScales).map { max(fraction * $0 / 127, $1) }
    }
    var best = scales(1)
    guard self == .leastSquaredError else { return best }
    var leastErrors = squaredErrors(weights, best)
    for fraction in WeightScaling.fractions.dropFirst() {
      let candidate = scales(fraction)
      for (column, error) in squaredErrors(weights, candidate).enumerated() where error < leastErrors[column] {
        (best[column], leastErrors[column]) = (candidate[column], error)
      }
    }
    return best
  }
}

/// For each column, the sum of the squares of what rounding changes.
func squaredErrors(_ weights: [Float], _ scales: [Float]) -> [Double] {
  var errors = [Double](repeating: 0, count: scales.count)
  for (index, weight) in weights.enumerated() {
    let column = index % scales.count
    let error = Double(weight) - Double(scales[column]) * Double(roundedWeight(weight, scales[column]))
    errors[column] += error * error
  }
  return errors
}

/// The nearest number from -127 to 127 in units of a scale; the least of them for what is no number.
func roundedWeight(_ weight: Float, _ scale: Float) -> Int8 {
  Int8(min(max(-127, (weight / scale).rounded(.toNearestOrEven)), 127))
}
