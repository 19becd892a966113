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
  /// Step length of Adam.
  public let learningRate: Float

  /// All recipes. Architectures and settings were chosen on images held out of the training set.
  public static let all = [
    Recipe(
      name: "convnet", summary: "two convolutions and 225,034 parameters",
      architecture: "conv 32 3x3 relu; maxpool 2; conv 64 3x3 relu; maxpool 2; flatten; "
        + "dense 128 relu; dropout 0.5; dense 10",
      epochs: 10, batchSize: 128, learningRate: 0.001),
    Recipe(
      name: "digits", summary: "four convolutions and 49,850 parameters: the model inside the library",
      architecture: "conv 16 3x3 relu; conv 16 3x3 relu; maxpool 2; dropout 0.25; "
        + "conv 32 3x3 relu; conv 32 3x3 relu; maxpool 2; dropout 0.25; flatten; dense 64 relu; dropout 0.25; dense 10",
      epochs: 20, batchSize: 128, learningRate: 0.001),
  ]

  /// The recipe of a name, or nil.
  public init?(named name: String) {
    guard let recipe = Recipe.all.first(where: { $0.name == name }) else { return nil }
    self = recipe
  }

  private init(
    name: String, summary: String, architecture: String, epochs: Int, batchSize: Int, learningRate: Float
  ) {
    self.name = name
    self.summary = summary
    self.architecture = architecture
    self.epochs = epochs
    self.batchSize = batchSize
    self.learningRate = learningRate
  }
}
