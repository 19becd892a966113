/// How a network is trained.
public struct TrainingOptions: Sendable {
  /// Passes over the training images; at least 1.
  public var epochs: Int
  /// Images a step; at least 1. The last step of an epoch takes what is left.
  public var batchSize: Int
  /// Decides first weights, the images' order and dropout. The same seed gives the same network, byte for byte.
  public var seed: UInt64
  /// Threads to compute with, at least 1; the result does not depend on it.
  public var threads: Int
  /// How weights follow their gradients.
  public var optimizer: any Optimizer
  /// Whether training ends with the weights of the epoch that had the best held-out accuracy, the first of several; otherwise
  /// with those of the last.
  public var keepsBestEpoch: Bool

  /// All settings.
  public init(
    epochs: Int, batchSize: Int, seed: UInt64, threads: Int, optimizer: any Optimizer, keepsBestEpoch: Bool = false
  ) {
    self.epochs = epochs
    self.batchSize = batchSize
    self.seed = seed
    self.threads = threads
    self.optimizer = optimizer
    self.keepsBestEpoch = keepsBestEpoch
  }
}

/// How far a training has come.
public struct TrainingProgress: Sendable {
  /// From 1.
  public let epoch: Int
  /// All epochs.
  public let epochs: Int
  /// Training images seen in this epoch.
  public let imagesDone: Int
  /// Training images of an epoch.
  public let imageCount: Int
  /// Mean over the images seen in this epoch, each at its time, with dropout.
  public let loss: Double
  /// Since the epoch began, without evaluation.
  public let seconds: Double
  /// Of the held-out images, once the epoch is complete.
  public let heldOutAccuracy: Double?
}
