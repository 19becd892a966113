import Foundation
import MNISTInfer
import Testing

@testable import DNNTrain

/// The loss against targets that are not one class alone.
@Suite struct TargetTests {
  private let logits: [Float] = [0.5, -1.25, 2, 0.25]

  /// -Σ target × log softmax, as PyTorch's `cross_entropy` documents it for probabilities.
  private func loss(_ logits: [Double], _ target: [Double]) -> Double {
    let sum = logits.reduce(0) { $0 + exp($1) }
    return -zip(logits, target).reduce(0) { $0 + $1.1 * log(exp($1.0) / sum) }
  }

  @Test(
    "label smoothing and mixup: the loss and its gradient",
    arguments: [
      // (label, other label, its share, smoothing, target)
      (1, 0, 0, 0, [0, 1, 0, 0]), (1, 0, 0, 0.2, [0.05, 0.85, 0.05, 0.05]), (1, 3, 0.25, 0, [0, 0.75, 0, 0.25]),
      (1, 3, 0.25, 0.2, [0.05, 0.65, 0.05, 0.25]), (2, 2, 0.5, 0, [0, 0, 1, 0]),
    ] as [(Int, Int, Float, Float, [Double])])
  func targets(label: Int, other: Int, share: Float, smoothing: Float, expected: [Double]) throws {
    let network = try TrainableNetwork(Architecture(parsing: "dense 4"), input: Shape(count: 1))
    var gradient = [Float](repeating: 9, count: network.loss.logitsGradient.size)
    var values = [Float](repeating: 0, count: network.loss.logits.size)
    values.replaceSubrange(0..<4, with: logits)
    let target = SoftmaxCrossEntropy.Target(label: label, mixed: (other, share), smoothing: smoothing)
    let actual = network.loss.run(values, target: target, scale: 0.5, gradient: &gradient)
    let x = logits.map(Double.init)
    #expect(abs(actual - loss(x, expected)) < 1e-6)
    for index in 0..<4 {
      func changed(_ step: Double) -> Double {
        var moved = x
        moved[index] += step
        return loss(moved, expected)
      }
      // The step: see NetworkHarness.differences.
      let slope = (changed(5e-6) - changed(-5e-6)) / 1e-5
      #expect(abs(Double(gradient[index]) - 0.5 * slope) < 1e-6, "logit \(index)")
    }
  }
}
