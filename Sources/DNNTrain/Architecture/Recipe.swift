/// An architecture with the settings that train it well.
public struct Recipe: Sendable {
  /// What `--recipe` calls it.
  public let name: String
  /// One line for people who choose.
  public let summary: String
  /// As `Architecture.init(parsing:)` reads it.
  public let architecture: String
  /// Passes over the training images.
  public let epochs: Int
  /// Images a step.
  public let batchSize: Int
  /// How weights follow their gradients.
  public let optimizer: OptimizerKind
  /// The optimizer's step length.
  public let learningRate: Float
  /// Whether the weights of the epoch with the best held-out accuracy are kept.
  public let keepsBestEpoch: Bool

  /// The recipe of a name, or nil.
  public init?(named name: String) {
    guard let recipe = Recipe.all.first(where: { $0.name == name }) else { return nil }
    self = recipe
  }

  init(
    _ name: String, _ summary: String, _ architecture: String, epochs: Int, batchSize: Int,
    optimizer: OptimizerKind = .adam, learningRate: Float = 0.001, keepsBestEpoch: Bool = true
  ) {
    self.name = name
    self.summary = summary
    self.architecture = architecture
    self.epochs = epochs
    self.batchSize = batchSize
    self.optimizer = optimizer
    self.learningRate = learningRate
    self.keepsBestEpoch = keepsBestEpoch
  }
}
