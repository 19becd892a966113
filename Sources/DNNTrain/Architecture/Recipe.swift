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
  /// How the step length changes.
  public let schedule: LearningRateSchedule
  /// See `TrainingOptions.weightDecay`.
  public let weightDecay: Float
  /// See `TrainingOptions.labelSmoothing`.
  public let labelSmoothing: Float
  /// See `TrainingOptions.averageDecay`.
  public let averageDecay: Float
  /// How training images are changed; nil for what suits the data.
  public let augmentation: Augmentation?
  /// Whether the weights of the epoch with the best held-out accuracy are kept.
  public let keepsBestEpoch: Bool

  /// The recipe of a name, or nil.
  public init?(named name: String) {
    guard let recipe = Recipe.all.first(where: { $0.name == name }) else { return nil }
    self = recipe
  }

  init(
    _ name: String, _ summary: String, _ architecture: String, epochs: Int, batchSize: Int,
    optimizer: OptimizerKind = .adam, learningRate: Float = 0.001, schedule: LearningRateSchedule = .init(),
    labelSmoothing: Float = 0, averageDecay: Float = 0, augmentation: Augmentation? = Augmentation(),
    keepsBestEpoch: Bool = true
  ) {
    self.name = name
    self.summary = summary
    self.architecture = architecture
    self.epochs = epochs
    self.batchSize = batchSize
    self.optimizer = optimizer
    self.learningRate = learningRate
    self.schedule = schedule
    weightDecay = optimizer.usualWeightDecay
    self.labelSmoothing = labelSmoothing
    self.averageDecay = averageDecay
    self.augmentation = augmentation
    self.keepsBestEpoch = keepsBestEpoch
  }

  /// The settings in a line, for people who choose.
  public var training: String {
    var parts = ["\(epochs) epochs" + (keepsBestEpoch ? ", the best kept" : ""), "batches of \(batchSize)"]
    parts.append("\(optimizer.rawValue) with learning rate \(learningRate)")
    if schedule != LearningRateSchedule() { parts.append("schedule \(schedule)") }
    if labelSmoothing > 0 { parts.append("labels smoothed by \(labelSmoothing)") }
    if averageDecay > 0 { parts.append("weights averaged with decay \(averageDecay)") }
    if augmentation != Augmentation() {
      parts.append("augmentation " + (augmentation?.description ?? "as suits the data"))
    }
    return parts.joined(separator: ", ")
  }
}
