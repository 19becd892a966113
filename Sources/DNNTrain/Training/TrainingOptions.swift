import DNNCluster
import MNISTInfer

/// How a network is trained.
public struct TrainingOptions: Sendable {
  /// Passes over the training images; 1 to `largestEpochs`.
  public var epochs: Int
  /// Images a step; at least 1. The last step of an epoch takes what is left.
  public var batchSize: Int
  /// Decides first weights, the images' order, dropout and augmentation. The same seed gives the same network, byte for byte.
  public var seed: UInt64
  /// Threads to compute with, at least 1; the result does not depend on it.
  public var threads: Int
  /// The processes to train with, each with as many threads; the result does not depend on it.
  public var ranks = Communicator.alone
  /// How weights follow their gradients.
  public var optimizer: any Optimizer
  /// What the optimizer's learning rate is multiplied by, step by step.
  public var schedule = LearningRateSchedule()
  /// Before each step the weights, but not biases and not what batch normalisation learns, are multiplied by
  /// 1 - learning rate × this (Loshchilov, Hutter: Decoupled weight decay regularization, 2019).
  public var weightDecay: Float = 0
  /// A batch's gradient whose length is above this is scaled down to it (Pascanu, Mikolov, Bengio: On the difficulty of training
  /// recurrent neural networks, 2013); infinity for never.
  public var clipNorm: Float = .infinity
  /// The share of the target that all classes have evenly, from 0 up to 1 (Szegedy et al.: Rethinking the Inception
  /// architecture, 2016).
  public var labelSmoothing: Float = 0
  /// If above 0, what is measured and kept are not the weights but their exponential moving average with this decay, below 1
  /// (Polyak, Juditsky: Acceleration of stochastic approximation by averaging, 1992).
  public var averageDecay: Float = 0
  /// How training images are changed at random.
  public var augmentation = Augmentation()
  /// Whether training ends with the weights of the epoch that had the best held-out accuracy, the first of several; otherwise
  /// with those of the last.
  public var keepsBestEpoch: Bool
  /// If set, training ends after so many epochs, at least 1, without a better held-out accuracy.
  public var patience: Int?

  /// As many epochs as a model's file can tell of.
  public static let largestEpochs = Limits.epochs

  /// Layers that stay as they are, by their names in the model's file or those names without numbers: "conv" for conv1, conv2…
  public var frozenLayers: [String] = []

  /// The usual settings, and constant learning rate, no decay, clipping, smoothing, averaging, augmentation and early end.
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
  /// Mean over the images seen in this epoch, each at its time, with dropout, augmentation and label smoothing.
  public let loss: Double
  /// The share of the images of a class seen in this epoch whose likeliest class was their label, likewise.
  public let accuracy: Double
  /// Training time of this epoch, without evaluation and without what came before a resumption.
  public let seconds: Double
  /// The part of `seconds` in which this rank waited for messages; nil without other ranks.
  public let waitingSeconds: Double?
  /// Training images seen in `seconds`.
  public let imagesTimed: Int
  /// Training images a second, so far in this epoch.
  public var imagesPerSecond: Double { Double(imagesTimed) / max(seconds, 1e-9) }
  /// Mean cross-entropy of the held-out images, once the epoch is complete.
  public internal(set) var heldOutLoss: Double?
  /// The share of the held-out images whose likeliest class is their label, once the epoch is complete.
  public internal(set) var heldOutAccuracy: Double?
}

/// How a training ended.
public enum TrainingOutcome: Equatable, Sendable {
  /// After all epochs, or where early stopping ended it.
  case finished
  /// Where it was asked to stop; it can go on.
  case interrupted
  /// A loss or a weight was no longer a finite number in this epoch. The network has the last good weights.
  case diverged(epoch: Int)
}
