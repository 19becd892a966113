import CKernels
import Foundation
import MNISTInfer

/// The end of every network in training: softmax of the last layer's output, and the cross-entropy between it and the label.
struct SoftmaxCrossEntropy {
  let logits: ValueLayout
  let logitsGradient: ValueLayout
  let softmax: (UnsafePointer<Float>?, UnsafeMutablePointer<Float>?, Int) -> Void

  /// Writes the gradient of one image's loss times `scale`.
  ///
  /// The gradient of -log softmax(x)[label] is softmax(x) minus one at the label.
  ///
  /// - Parameters:
  ///   - values: the image's logits.
  ///   - label: its class.
  ///   - scale: one over the images of the batch.
  ///   - gradient: what their gradient goes to; its padding is left alone.
  /// - Returns: the image's loss, without `scale`, computed through the logarithm of the sum, which never is log 0.
  func run(_ values: UnsafePointer<Float>, label: Int, scale: Float, gradient: UnsafeMutablePointer<Float>) -> Double {
    let count = logits.shape.count
    let x = values + logits.pixel(0, 0)
    let slope = gradient + logitsGradient.pixel(0, 0)
    softmax(x, slope, count)
    slope[label] -= 1
    for index in 0..<count { slope[index] *= scale }
    let largest = (0..<count).reduce(-Float.infinity) { max($0, x[$1]) }
    let sum = (0..<count).reduce(0.0) { $0 + exp(Double(x[$1] - largest)) }
    return log(sum) - Double(x[label] - largest)
  }
}
