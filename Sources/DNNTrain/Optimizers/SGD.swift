/// Stochastic gradient descent, with momentum if it is above 0: v <- momentum v + g, p <- p - learning rate v.
public struct SGD: Optimizer {
  /// What a step is scaled by.
  public let learningRate: Float
  /// Share of the last step that the next one keeps, 0 up to 1.
  public let momentum: Float

  /// An optimizer with the given constants.
  public init(learningRate: Float, momentum: Float = 0.9) {
    self.learningRate = learningRate
    self.momentum = momentum
  }

  /// See `Optimizer`.
  public var name: String { "sgd" }
  /// See `Optimizer`.
  public var stateCount: Int { momentum > 0 ? 1 : 0 }

  /// See `Optimizer`.
  public func update(
    _ parameters: UnsafeMutablePointer<Float>, gradient: UnsafePointer<Float>, state: UnsafeMutablePointer<Float>,
    stateStride: Int, count: Int, step: Int
  ) {
    var index = 0
    while index < count {
      var velocity = Vector(gradient + index)
      if momentum > 0 {
        velocity += momentum * Vector(state + index)
        velocity.store(state + index)
      }
      (Vector(parameters + index) - learningRate * velocity).store(parameters + index)
      index += Vector.scalarCount
    }
  }
}
