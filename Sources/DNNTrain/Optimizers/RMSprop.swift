/// RMSprop (Tieleman, Hinton: Neural networks for machine learning, lecture 6.5, 2012): v <- decay v + (1 - decay) g²,
/// p <- p - learning rate g / (√v + epsilon), in the form that PyTorch documents for `torch.optim.RMSprop`.
public struct RMSprop: Optimizer {
  /// What a step is scaled by.
  public let learningRate: Float
  /// Decay of the running mean of the gradient's square.
  public let decay: Float
  /// Added to the square root, so that no step divides by zero.
  public let epsilon: Float

  /// An optimizer with the given constants, by default PyTorch's.
  public init(learningRate: Float = 0.001, decay: Float = 0.99, epsilon: Float = 1e-8) {
    self.learningRate = learningRate
    self.decay = decay
    self.epsilon = epsilon
  }

  /// See `Optimizer`.
  public var name: String { "rmsprop" }
  /// See `Optimizer`.
  public var stateCount: Int { 1 }

  /// See `Optimizer`.
  public func update(
    _ parameters: UnsafeMutablePointer<Float>, gradient: UnsafePointer<Float>, state: UnsafeMutablePointer<Float>,
    stateStride: Int, count: Int, step: Int, learningRate: Float
  ) {
    var index = 0
    while index < count {
      let slope = Vector(gradient + index)
      let square = decay * Vector(state + index) + (1 - decay) * (slope * slope)
      square.store(state + index)
      let change = slope / (square.squareRoot() + epsilon)
      (Vector(parameters + index) - learningRate * change).store(parameters + index)
      index += Vector.scalarCount
    }
  }
}
