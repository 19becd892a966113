import DNNCommandLine
import DNNModel
import DNNTrain
import Foundation

/// The options of one training, checked before anything takes long.
struct Settings {
  /// Where the network comes from.
  enum Start {
    case architecture(Architecture)
    /// A trained model, and the SHA-256 of its file.
    case model(ModelFile, sha256: String)
  }

  let recipe: Recipe?
  let start: Start
  let dataPath: String
  let outPath: String
  let training: TrainingSettings
  /// nil for what suits the data.
  private let askedHeldOut: Int?
  let heldOutSeed: UInt64
  let resumes: Bool
  let historyOutput: HistoryOutput
  let isQuiet: Bool

  /// - Throws: `UsageError` for options that do not make a training, `DataError`, `ModelError` and `OutputError` for files and
  ///   folders that are not there or not usable.
  init(_ options: CommandLineOptions) throws {
    recipe = options.text("--recipe").flatMap { Recipe(named: $0) }
    guard let dataPath = options.text("--data") else {
      throw UsageError("--data is missing: give a folder of IDX files or PNGs, a CSV file, or synthetic")
    }
    self.dataPath = dataPath
    start = try Settings.start(recipe, options)
    training = try TrainingSettings(options, recipe)
    askedHeldOut = try options.integer("--held-out", in: 1...Int.max)
    heldOutSeed = try options.integer("--held-out-seed", in: 0...UInt64.max) ?? 0
    resumes = options.has("--resume")
    historyOutput = HistoryOutput(csvPath: options.text("--history"), isJSON: options.has("--json"))
    isQuiet = options.has("--quiet")
    if dataPath != "synthetic" && !FileManager.default.fileExists(atPath: dataPath) {
      throw DataError.cannotRead(path: dataPath, reason: "it does not exist")
    }
    outPath = try options.outputPath()
  }

  /// Classes to tell apart, or nil for as many as the data have.
  var classCount: Int? {
    if case .architecture(let architecture) = start { architecture.classCount } else { nil }
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
      return .architecture(try Architecture(parsing: text ?? recipe?.architecture ?? ""))
    } catch let error as ArchitectureError {
      throw UsageError("--arch: \(error)")
    }
  }

  private static func model(_ path: String) throws -> Start {
    guard let bytes = FileManager.default.contents(atPath: path) else {
      throw UsageError("--init-from \(path): the file cannot be read: give a .dnn file")
    }
    var hash = SHA256()
    hash.update(Array(bytes))
    do {
      return .model(try ModelFile(decoding: Array(bytes)), sha256: hash.hexadecimal())
    } catch {
      throw UsageError("--init-from \(path): \(error)")
    }
  }
}
