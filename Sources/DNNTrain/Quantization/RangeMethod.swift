import MNISTInfer

/// How the range of a value's 8-bit numbers is found.
public enum RangeMethod: Equatable, Sendable, CustomStringConvertible {
  /// From the least to the largest number seen.
  case extremes
  /// This share of the numbers seen lies below the upper end, and above the lower one.
  case percentile(Double)
  /// The range whose rounding and clipping together have the least squared error.
  case leastSquaredError

  /// All that are tried, the simplest first.
  public static let all: [RangeMethod] = [.extremes, .percentile(99.99), .percentile(99.9), .leastSquaredError]

  /// For people.
  public var description: String {
    switch self {
    case .extremes: "min/max"
    case .percentile(let share): "\(share) %"
    case .leastSquaredError: "least squares"
    }
  }

  /// The quantization of numbers like those observed.
  ///
  /// - Parameters:
  ///   - observation: of the numbers.
  ///   - least: the smallest scale to give.
  /// - Returns: one whose range is that of the method, as far as 256 numbers with zero among them can have it.
  func quantization(of observation: Observation, leastScale least: Float) -> Quantization {
    let (range, samples) = (observation.extremes, observation.samples)
    let widest = Quantization(from: range.lowerBound, to: range.upperBound, leastScale: least)
    switch self {
    case .extremes: return widest
    case .percentile(let share):
      guard let last = samples.indices.last else { return widest }
      let outside = Int(Double(last) * (1 - share / 100))
      // Where nearly all numbers are zero, so is the percentile: then it says nothing of the others.
      let (lower, upper) = (min(samples[outside], 0), max(samples[last - outside], 0))
      guard upper - lower >= RangeMethod.leastPart * (range.upperBound - range.lowerBound) else { return widest }
      return Quantization(from: lower, to: upper, leastScale: least)
    case .leastSquaredError:
      return RangeMethod.leastSquaredError(observation, startingWith: widest, leastScale: least)
    }
  }

  /// Of the whole range that any method leaves: far less than is ever best, and scales of neighbouring values stay so near each
  /// other that there is a shift from one to the other.
  private static let leastPart: Float = 1 / 64
  /// Ranges that are tried for each end.
  private static let searchSteps = 64

  /// Moves the upper end to where the error is least, then the lower one, then each once more, because each end's best place
  /// depends on the other's.
  private static func leastSquaredError(
    _ observation: Observation, startingWith widest: Quantization, leastScale least: Float
  ) -> Quantization {
    let (lowest, highest) = (observation.extremes.lowerBound, observation.extremes.upperBound)
    var (lower, upper) = (lowest, highest)
    var best = (widest, error: observation.squaredError(widest))
    for end in [1, 0, 1, 0] {
      for step in 1...searchSteps {
        let part = Float(step) / Float(searchSteps)
        let candidate = end == 1 ? (lower, highest * part) : (lowest * part, upper)
        if candidate.1 - candidate.0 < leastPart * (highest - lowest) { continue }
        let quantization = Quantization(from: candidate.0, to: candidate.1, leastScale: least)
        let error = observation.squaredError(quantization)
        if error < best.error {
          best = (quantization, error)
          (lower, upper) = candidate
        }
      }
    }
    return best.0
  }
}
