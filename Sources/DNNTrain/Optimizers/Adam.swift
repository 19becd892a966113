import Glibc

/// Adam (Kingma, Ba: Adam: a method for stochastic optimization, 2015), algorithm 1.
public struct Adam: Optimizer {
  /// What a step is scaled by.
  public let learningRate: Float
  /// Decay of the gradient's running mean.
  public let beta1: Float
  /// Decay of the running mean of the gradient's square.
  public let beta2: Float
  /// Added to the square root, so that no step divides by zero.
  public let epsilon: Float

  /// An optimizer with the given constants, by default those of the paper.
  public init(learningRate: Float = 0.001, beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
  }

  /// See `Optimizer`.
  public var name: String { "adam" }
  /// See `Optimizer`.
  public var stateCount: Int { 2 }

  /// See `Optimizer`.
  public func update(
    _ parameters: UnsafeMutablePointer<Float>, gradient: UnsafePointer<Float>, state: UnsafeMutablePointer<Float>,
    stateStride: Int, count: Int, step: Int, learningRate: Float
  ) {
    // The means start at zero; this makes them unbiased.
    let firstScale = Float(1 / (1 - pow(Double(beta1), Double(step))))
    let secondScale = Float(1 / (1 - pow(Double(beta2), Double(step))))
    let (mean, square) = (state, state + stateStride)
    var index = 0
    while index < count {
      let slope = Vector(gradient + index)
      let m = beta1 * Vector(mean + index) + (1 - beta1) * slope
      let v = beta2 * Vector(square + index) + (1 - beta2) * (slope * slope)
      m.store(mean + index)
      v.store(square + index)
      let change = (firstScale * m) / ((secondScale * v).squareRoot() + epsilon)
      (Vector(parameters + index) - learningRate * change).store(parameters + index)
      index += Vector.scalarCount
    }
  }
}
