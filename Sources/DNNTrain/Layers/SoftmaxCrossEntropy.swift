import CKernels
import Glibc
import MNISTInfer

/// The end of every network in training: softmax of the last layer's output, and the cross-entropy between it and the target.
struct SoftmaxCrossEntropy {
  let logits: ValueLayout
  let logitsGradient: ValueLayout
  let softmax: (UnsafePointer<Float>?, UnsafeMutablePointer<Float>?, Int) -> Void

  /// What the probabilities of an image should be.
  struct Target {
    /// The class of the image.
    var label: Int
    /// The class of another that is mixed in, and that one's share.
    var mixed: (label: Int, share: Float) = (0, 0)
    /// What all classes share evenly, and the labels have less (Szegedy et al.: Rethinking the Inception architecture, 2016,
    /// section 7).
    var smoothing: Float = 0

    /// For an image of no class: every class as likely as any other.
    static let even = Target(label: 0, smoothing: 1)

    /// Whether the image is of a class.
    var isLabelled: Bool { smoothing < 1 }
  }

  /// Writes the gradient of one image's loss times `scale`.
  ///
  /// The gradient of -Σ target × log softmax(x) is softmax(x) - target, since the target's sum is 1.
  ///
  /// - Parameters:
  ///   - values: the image's logits.
  ///   - target: what their softmax should be.
  ///   - scale: one over the images of the batch.
  ///   - gradient: what their gradient goes to; its padding is left alone.
  /// - Returns: the image's loss, without `scale`, computed through the logarithm of the sum, which never is log 0.
  func run(
    _ values: UnsafePointer<Float>, target: Target, scale: Float, gradient: UnsafeMutablePointer<Float>
  ) -> Double {
    let count = logits.shape.count
    let x = values + logits.pixel(0, 0)
    let slope = gradient + logitsGradient.pixel(0, 0)
    softmax(x, slope, count)
    let largest = (0..<count).reduce(-Float.infinity) { max($0, x[$1]) }
    var aim = 0.0
    func subtract(_ share: Float, at index: Int) {
      slope[index] -= share
      aim += Double(share) * Double(x[index] - largest)
    }
    let sure = 1 - target.smoothing
    subtract(sure * (1 - target.mixed.share), at: target.label)
    if target.mixed.share > 0 { subtract(sure * target.mixed.share, at: target.mixed.label) }
    if target.smoothing > 0 {
      for index in 0..<count { subtract(target.smoothing / Float(count), at: index) }
    }
    for index in 0..<count { slope[index] *= scale }
    let sum = (0..<count).reduce(0.0) { $0 + exp(Double(x[$1] - largest)) }
    return log(sum) - aim
  }

  /// - Parameter values: an image's logits.
  /// - Returns: its likeliest class, the first where several are equally likely.
  func likeliest(_ values: UnsafePointer<Float>) -> Int {
    firstMaximum(UnsafeBufferPointer(start: values + logits.pixel(0, 0), count: logits.shape.count))
  }

  /// - Parameters:
  ///   - values: an image's logits.
  ///   - label: its class.
  /// - Returns: its loss where nothing is mixed in or smoothed; not finite if the logits are not.
  func loss(_ values: UnsafePointer<Float>, label: Int) -> Double {
    let count = logits.shape.count
    let x = values + logits.pixel(0, 0)
    let largest = (0..<count).reduce(-Float.infinity) { max($0, x[$1]) }
    let sum = (0..<count).reduce(0.0) { $0 + exp(Double(x[$1] - largest)) }
    return log(sum) - Double(x[label] - largest)
  }
}

/// The index of the largest value, the first of several.
func firstMaximum(_ values: UnsafeBufferPointer<Float>) -> Int {
  var best = 0
  for index in values.indices where values[index] > values[best] { best = index }
  return best
}
