import Glibc

/// How the learning rate goes over a training: for every step a factor of the optimizer's own.
public struct LearningRateSchedule: Equatable, Sendable, CustomStringConvertible {
  /// What comes after the warm-up.
  public enum Course: Equatable, Sendable {
    /// Always 1.
    case constant
    /// Multiplied by `factor` after every so many epochs of the training.
    case step(epochs: Int, factor: Double)
    /// Half a cosine from 1 down to 0 (Loshchilov, Hutter: SGDR, 2017, equation 5, without restarts).
    case cosine
    /// Half a cosine up from 1/25 to 1, then half a cosine down to 1/250,000 (Smith, Topin: Super-convergence, 2019, with the
    /// constants of PyTorch's `OneCycleLR`). The way up is the warm-up; without one, 30 % of the training.
    case oneCycle
  }

  /// What comes after the warm-up.
  public var course: Course
  /// Epochs in which the factor rises from 0 in a straight line (Goyal et al.: Accurate, large minibatch SGD, 2017); for
  /// `oneCycle`, the length of its own rise.
  public var warmUp: Double

  /// A course after a warm-up of so many epochs, at least 0.
  public init(_ course: Course = .constant, warmUp: Double = 0) {
    self.course = course
    self.warmUp = warmUp
  }

  /// What a command line calls a course: "constant", "step 10 0.1", "cosine" or "one-cycle"; nil for anything else.
  public init?(parsing text: String, warmUp: Double = 0) {
    let words = text.split(separator: " ")
    switch (words.first, words.count) {
    case ("constant", 1): self.init(.constant, warmUp: warmUp)
    case ("cosine", 1): self.init(.cosine, warmUp: warmUp)
    case ("one-cycle", 1): self.init(.oneCycle, warmUp: warmUp)
    case ("step", 3):
      guard let epochs = Int(words[1]), epochs >= 1, let factor = Double(words[2]), factor > 0, factor <= 1 else {
        return nil
      }
      self.init(.step(epochs: epochs, factor: factor), warmUp: warmUp)
    default: return nil
    }
  }

  /// As `init(parsing:)` reads it, with the warm-up, if there is one, after it.
  public var description: String {
    let text =
      switch course {
      case .constant: "constant"
      case .step(let epochs, let factor): "step \(epochs) \(factor)"
      case .cosine: "cosine"
      case .oneCycle: "one-cycle"
      }
    return warmUp > 0 ? text + ", warm-up \(warmUp)" : text
  }

  /// The factor of one step.
  ///
  /// - Parameters:
  ///   - step: from 0, below `stepsPerEpoch` × `epochs`.
  ///   - stepsPerEpoch: at least 1.
  ///   - epochs: of the whole training.
  /// - Returns: from 0 to 1.
  public func factor(step: Int, stepsPerEpoch: Int, epochs: Int) -> Double {
    let (step, total) = (Double(step), Double(stepsPerEpoch * epochs))
    let rise = warmUp * Double(stepsPerEpoch)
    if course == .oneCycle { return LearningRateSchedule.oneCycle(step, rise: rise > 0 ? rise : 0.3 * total, total) }
    if step < rise { return min((step + 1) / rise, 1) }
    switch course {
    case .constant, .oneCycle: return 1
    case .step(let epochs, let factor):
      return pow(factor, (step / (Double(epochs) * Double(stepsPerEpoch))).rounded(.down))
    case .cosine: return LearningRateSchedule.halfCosine(from: 1, to: 0, at: (step - rise) / (total - rise))
    }
  }

  /// The peak is the last step of the rise, the end the last of all.
  private static func oneCycle(_ step: Double, rise: Double, _ total: Double) -> Double {
    let (start, end) = (1.0 / 25, 1.0 / 25 / 1e4)
    let peak = min(max(rise - 1, 0), total - 1)
    if step < peak { return halfCosine(from: start, to: 1, at: step / peak) }
    return halfCosine(from: 1, to: end, at: (step - peak) / max(total - 1 - peak, 1))
  }

  private static func halfCosine(from start: Double, to end: Double, at share: Double) -> Double {
    end + (start - end) / 2 * (1 + cos(.pi * share))
  }
}
