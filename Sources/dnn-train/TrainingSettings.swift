import DNNCluster
import DNNCommandLine
import DNNTrain

/// The options that decide how a network is trained, over what its recipe says.
struct TrainingSettings {
  /// All but the augmentation that suits the data, which is not known yet.
  private let base: TrainingOptions
  /// nil for what suits the data.
  private let augmentation: Augmentation?

  /// - Throws: `UsageError`.
  init(_ options: CommandLineOptions, _ recipe: Recipe?, _ ranks: Communicator) throws {
    let kind = options.text("--optimizer").flatMap(OptimizerKind.init) ?? recipe?.optimizer ?? .adam
    // What a recipe says of its optimizer means nothing for another.
    let tuned = recipe.flatMap { $0.optimizer == kind ? $0 : nil }
    var base = TrainingOptions(
      epochs: try options.integer("--epochs", in: 1...10_000) ?? recipe?.epochs ?? 10,
      batchSize: try options.integer("--batch", in: 1...8192) ?? recipe?.batchSize ?? 128,
      seed: try options.integer("--seed", in: 0...UInt64.max) ?? 1,
      threads: try options.threads(ranks),
      optimizer: try TrainingSettings.optimizer(kind, options, tuned))
    base.ranks = ranks
    base.schedule = try TrainingSettings.schedule(options, recipe, epochs: base.epochs)
    base.weightDecay = try options.number("--weight-decay", in: 0...10) ?? tuned?.weightDecay ?? kind.usualWeightDecay
    base.clipNorm = try options.positiveNumber("--clip", upTo: 1e6) ?? .infinity
    base.labelSmoothing = try options.number("--label-smoothing", in: 0...0.9) ?? recipe?.labelSmoothing ?? 0
    base.averageDecay = try options.number("--average", in: 0...0.99999) ?? recipe?.averageDecay ?? 0
    base.patience = try options.integer("--patience", in: 1...10_000)
    base.keepsBestEpoch = options.has("--best-epoch") || base.patience != nil || recipe?.keepsBestEpoch ?? false
    base.frozenLayers = options.text("--freeze").map { $0.split(separator: ",").map(String.init) } ?? []
    self.base = base
    augmentation = try TrainingSettings.augmentation(options, recipe)
  }

  /// Passes over the training images.
  var epochs: Int { base.epochs }

  /// See `TrainingOptions.keepsBestEpoch`.
  var keepsBestEpoch: Bool { base.keepsBestEpoch }

  /// All settings, for this data.
  func options(for data: TrainingData) -> TrainingOptions {
    var options = base
    options.augmentation = augmentation ?? data.augmentation
    return options
  }

  private static func optimizer(
    _ kind: OptimizerKind, _ options: CommandLineOptions, _ tuned: Recipe?
  ) throws -> any Optimizer {
    let momentum: Float? = try options.number("--momentum", in: 0...0.9999)
    if kind != .sgd && (momentum != nil || options.has("--nesterov")) {
      throw UsageError("--momentum and --nesterov belong to --optimizer sgd; \(kind.rawValue) has no momentum to set")
    }
    return kind.make(
      learningRate: try options.positiveNumber("--lr", upTo: 100) ?? tuned?.learningRate ?? kind.usualLearningRate,
      momentum: momentum ?? 0.9, isNesterov: options.has("--nesterov"))
  }

  private static func schedule(
    _ options: CommandLineOptions, _ recipe: Recipe?, epochs: Int
  ) throws -> LearningRateSchedule {
    var schedule = recipe?.schedule ?? LearningRateSchedule()
    // A recipe's warm-up keeps its share of the training.
    if let recipe { schedule.warmUp *= Double(epochs) / Double(recipe.epochs) }
    if let text = options.text("--schedule") {
      guard let parsed = LearningRateSchedule(parsing: text) else {
        throw UsageError(
          "--schedule \(text): write constant, \"step EPOCHS FACTOR\" like \"step 5 0.1\", cosine or one-cycle")
      }
      schedule = parsed
    }
    if let warmUp = try options.number("--warm-up", in: 0...10_000) { schedule.warmUp = Double(warmUp) }
    if schedule.warmUp >= Double(epochs) && schedule.warmUp > 0 {
      throw UsageError("the warm-up of \(schedule.warmUp) epochs takes all \(epochs) epochs: give --warm-up less")
    }
    return schedule
  }

  /// nil for what suits the data.
  private static func augmentation(_ options: CommandLineOptions, _ recipe: Recipe?) throws -> Augmentation? {
    guard let text = options.text("--augmentation") else {
      if options.has("--augment") { return nil }
      return recipe == nil ? Augmentation() : recipe?.augmentation
    }
    do {
      return try Augmentation(parsing: text)
    } catch {
      throw UsageError("--augmentation \(error)")
    }
  }
}
