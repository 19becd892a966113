import DNNCluster
import DNNCommandLine
import DNNModel
import DNNTrain

/// The options of one training, checked before anything takes long.
struct Settings {
  /// Where the network comes from.
  enum Start {
    /// Layers; `followsData` if the last one is to have an output for each of the data's classes, whatever it says.
    case architecture(Architecture, followsData: Bool)
    /// A trained model, and the SHA-256 of its file.
    case model(ModelFile, sha256: String)
  }

  /// nil for a network that is no recipe's.
  private(set) var recipe: Recipe?
  private(set) var start: Start
  let dataPath: String
  let outPath: String
  /// The processes that train together.
  let ranks: Communicator
  let training: TrainingSettings
  /// nil for what suits the data.
  private let askedHeldOut: Int?
  let heldOutSeed: UInt64
  let resumes: Bool
  let historyOutput: HistoryOutput
  /// nil for none.
  let report: ReportFile?
  let isQuiet: Bool

  /// - Parameters:
  ///   - options: what was asked for.
  ///   - ranks: the processes that train together.
  /// - Throws: `UsageError` for options that do not make a training, `DataError`, `ModelError` and `OutputError` for files and
  ///   folders that are not there or not usable.
  init(_ options: CommandLineOptions, _ ranks: Communicator) throws {
    self.ranks = ranks
    recipe = options.text("--recipe").flatMap { Recipe(named: $0) }
    guard let dataPath = options.text("--data") else {
      throw UsageError(
        "--data is missing: give mnist, fashion-mnist, synthetic, a folder of IDX files or PNGs, or a CSV file")
    }
    self.dataPath = dataPath
    start = try Settings.start(recipe, options)
    training = try TrainingSettings(options, recipe, ranks)
    askedHeldOut = try options.integer("--held-out", in: 1...Int.max)
    heldOutSeed = try options.integer("--held-out-seed", in: 0...UInt64.max) ?? 0
    resumes = options.has("--resume")
    historyOutput = HistoryOutput(csvPath: try options.outputPath("--history", ranks), isJSON: options.has("--json"))
    isQuiet = options.has("--quiet")
    _ = try DataSource(dataPath)
    let outPath = try options.regularOutputPath(ranks)
    self.outPath = outPath
    let threads = try options.threads(ranks)
    report = try options.outputPath("--report", ranks).map {
      ReportFile(
        path: $0, modelPath: outPath, threads: threads, command: ["dnn-train"] + CommandLine.arguments.dropFirst())
    }
  }

  /// The same with another rate in every dropout layer.
  ///
  /// - Throws: `UsageError` if there is none, or the rate is out of range.
  func withDropout(rate: String) throws -> Settings {
    guard case .architecture(let architecture, let followsData) = start else {
      throw UsageError("dropout: the layers of --init-from have no dropout")
    }
    var settings = self
    guard let rate = Double(rate), let changed = try? architecture.withDropout(rate: rate) else {
      throw UsageError("dropout \(rate): take rates from 0 up to 1, and a network that has dropout layers")
    }
    (settings.recipe, settings.start) = (nil, .architecture(changed, followsData: followsData))
    return settings
  }

  /// Classes to tell apart, or nil for as many as the data have.
  var classCount: Int? {
    if case .architecture(let architecture, followsData: false) = start { architecture.classCount } else { nil }
  }

  /// Images to hold out.
  func heldOut(of data: TrainingData) -> Int { askedHeldOut ?? data.usualHeldOutCount }

  private static func start(_ recipe: Recipe?, _ options: CommandLineOptions) throws -> Start {
    let (text, modelPath) = (options.text("--arch"), options.text("--init-from"))
    guard [recipe?.name, text, modelPath].count(where: { $0 != nil }) == 1 else {
      throw UsageError("give one of --recipe NAME, --arch TEXT and --init-from FILE")
    }
    if let modelPath { return try model(modelPath) }
    do {
      return .architecture(
        try Architecture(parsing: text ?? recipe?.architecture ?? ""), followsData: recipe != nil)
    } catch let error as ArchitectureError {
      throw UsageError("--arch: \(error)")
    }
  }

  private static func model(_ path: String) throws -> Start {
    let bytes: [UInt8]
    do {
      bytes = try readFile(path)
    } catch {
      throw UsageError("--init-from: \(error): give a .dnn file")
    }
    var hash = SHA256()
    hash.update(bytes)
    do {
      return .model(try ModelFile(decoding: bytes), sha256: hash.hexadecimal())
    } catch {
      throw UsageError("--init-from \(path): \(error)")
    }
  }
}
