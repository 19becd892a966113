/// The optimizers, as a command line names them, with the constants that suit most networks.
public enum OptimizerKind: String, CaseIterable, Sendable {
  case adam, adamw, rmsprop, sgd

  /// The step length where nothing better is known.
  public var usualLearningRate: Float {
    switch self {
    case .adam, .adamw, .rmsprop: 0.001
    case .sgd: 0.05
    }
  }

  /// Weight decay where nothing is said: AdamW is Adam with decay (Loshchilov, Hutter: Decoupled weight decay regularization,
  /// 2019), by default PyTorch's 0.01.
  public var usualWeightDecay: Float { self == .adamw ? 0.01 : 0 }

  /// Makes an optimizer of this kind.
  ///
  /// - Parameters:
  ///   - learningRate: what a step is scaled by.
  ///   - momentum: of SGD; the others have none.
  ///   - isNesterov: whether SGD's momentum is Nesterov's.
  /// - Returns: one with the usual other constants.
  public func make(learningRate: Float, momentum: Float = 0.9, isNesterov: Bool = false) -> any Optimizer {
    switch self {
    case .adam, .adamw: Adam(learningRate: learningRate)
    case .rmsprop: RMSprop(learningRate: learningRate)
    case .sgd: SGD(learningRate: learningRate, momentum: momentum, isNesterov: isNesterov)
    }
  }
}
