/// The optimizers, as a command line names them, with the constants that suit most networks.
public enum OptimizerKind: String, CaseIterable, Sendable {
  case adam, sgd

  /// The step length where nothing better is known.
  public var usualLearningRate: Float {
    switch self {
    case .adam: 0.001
    case .sgd: 0.05
    }
  }

  /// An optimizer with this step length and the usual other constants: for SGD a momentum of 0.9.
  public func make(learningRate: Float) -> any Optimizer {
    switch self {
    case .adam: Adam(learningRate: learningRate)
    case .sgd: SGD(learningRate: learningRate)
    }
  }
}
