import DNNCommandLine
import DNNTrain
import Foundation

/// The options of one training, checked before anything takes long.
struct Settings {
  let recipe: String?
  let architecture: Architecture
  let dataPath: String
  let outPath: String
  let training: TrainingOptions
  let heldOut: Int
  let isQuiet: Bool

  /// - Throws: `UsageError` for options that do not make a training, `DataError` and `OutputError` for files and folders that
  ///   are not there.
  init(_ options: CommandLineOptions) throws {
    let recipe = try options.text("--recipe").map(Settings.recipe)
    self.recipe = recipe?.name
    architecture = try Settings.architecture(recipe, options.text("--arch"))
    guard let dataPath = options.text("--data") else {
      throw UsageError("--data is missing: give a folder of IDX files")
    }
    guard let outPath = options.text("--out") else { throw UsageError("--out is missing: give the .dnn file to write") }
    (self.dataPath, self.outPath) = (dataPath, outPath)
    training = TrainingOptions(
      epochs: try options.integer("--epochs", in: 1...10_000) ?? recipe?.epochs ?? 10,
      batchSize: try options.integer("--batch", in: 1...8192) ?? recipe?.batchSize ?? 128,
      seed: try options.integer("--seed", in: 0...UInt64.max) ?? 1,
      threads: try Settings.threads(options),
      optimizer: try Settings.optimizer(options, recipe), keepsBestEpoch: recipe?.keepsBestEpoch ?? false)
    heldOut = try options.integer("--held-out", in: 1...Int.max) ?? 5000
    isQuiet = options.has("--quiet")
    try IDXFolder.check(path: dataPath)
    try Settings.checkWritable(outPath)
  }

  private static func recipe(_ name: String) throws -> Recipe {
    guard let recipe = Recipe(named: name) else {
      let names = Recipe.all.map(\.name).joined(separator: ", ")
      throw UsageError("--recipe \(name): there is no such recipe; take one of \(names)")
    }
    return recipe
  }

  private static func architecture(_ recipe: Recipe?, _ text: String?) throws -> Architecture {
    guard (recipe == nil) != (text == nil), let text = text ?? recipe?.architecture else {
      throw UsageError("give either --recipe NAME or --arch TEXT")
    }
    do {
      return try Architecture(parsing: text)
    } catch let error as ArchitectureError {
      throw UsageError("--arch: \(error)")
    }
  }

  /// More threads than this would only wait for each other, and each needs memory.
  private static let mostThreads = 256

  private static func threads(_ options: CommandLineOptions) throws -> Int {
    let asked = try options.integer("--threads", in: 0...mostThreads) ?? 0
    return asked > 0 ? asked : min(max(ProcessInfo.processInfo.activeProcessorCount, 1), mostThreads)
  }

  private static func optimizer(_ options: CommandLineOptions, _ recipe: Recipe?) throws -> any Optimizer {
    let name = options.text("--optimizer")
    guard let kind = name.map(OptimizerKind.init(rawValue:)) ?? recipe?.optimizer ?? .adam else {
      let names = OptimizerKind.allCases.map(\.rawValue).joined(separator: " or ")
      throw UsageError("--optimizer \(name ?? ""): there is no such optimizer; take \(names)")
    }
    let usual = recipe.flatMap { $0.optimizer == kind ? $0.learningRate : nil } ?? kind.usualLearningRate
    return kind.make(learningRate: try options.positiveNumber("--lr", upTo: 100) ?? usual)
  }

  private static func checkWritable(_ path: String) throws {
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue {
      throw OutputError(path: path, reason: "is a folder: give the name of a file in it")
    }
    guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue else {
      throw OutputError(path: path, reason: "the folder \(folder) does not exist: make it first")
    }
    guard FileManager.default.isWritableFile(atPath: folder) else {
      throw OutputError(path: path, reason: "the folder \(folder) cannot be written to: choose another")
    }
  }
}

/// Why the model could not be written where it was asked to be.
struct OutputError: Error, CustomStringConvertible {
  let path: String
  let reason: String

  var description: String { "--out \(path): \(reason)" }
}
