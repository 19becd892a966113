/// Stochastic gradient descent, with momentum if it is above 0: v <- momentum v + g, p <- p - learning rate v.
///
/// With Nesterov's momentum the step is along g + momentum v, the gradient seen from where the momentum leads (Sutskever,
/// Martens, Dahl, Hinton: On the importance of initialization and momentum in deep learning, 2013, in the form that PyTorch
/// documents for `torch.optim.SGD`).
public struct SGD: Optimizer {
  /// What a step is scaled by.
  public let learningRate: Float
  /// Share of the last step that the next one keeps, 0 up to 1.
  public let momentum: Float
  /// Whether the momentum is Nesterov's.
  public let isNesterov: Bool

  /// An optimizer with the given constants.
  public init(learningRate: Float, momentum: Float = 0.9, isNesterov: Bool = false) {
    self.learningRate = learningRate
    self.momentum = momentum
    self.isNesterov = isNesterov
  }

  /// See `Optimizer`.
  public var name: String { "sgd" }
  /// See `Optimizer`.
  public var constants: [String: String] { ["momentum": "\(momentum)" + (isNesterov ? " nesterov" : "")] }
  /// See `Optimizer`.
  public var stateCount: Int { momentum > 0 ? 1 : 0 }

  /// See `Optimizer`.
  public func update(
    _ parameters: UnsafeMutablePointer<Float>, gradient: UnsafePointer<Float>, state: UnsafeMutablePointer<Float>,
    stateStride: Int, count: Int, step: Int, learningRate: Float
  ) {
    var index = 0
    while index < count {
      let slope = Vector(gradient + index)
      var velocity = slope
      if momentum > 0 {
        velocity += momentum * Vector(state + index)
        velocity.store(state + index)
      }
      if isNesterov { velocity = slope + momentum * velocity }
      (Vector(parameters + index) - learningRate * velocity).store(parameters + index)
      index += Vector.scalarCount
    }
  }
}
