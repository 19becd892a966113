import DNNCommandLine
import DNNTrain

/// What dnn-quantize is called with, checked before anything takes long.
struct Settings {
  let modelPath: String
  let dataPath: String
  let outPath: String
  let quantization: QuantizationOptions
  /// In percentage points; nil for any.
  let largestDrop: Double?
  let isJSON: Bool
  private let isQuiet: Bool

  /// - Throws: `UsageError` for options that do not make a quantization, `OutputError` if nothing can be written.
  init(_ options: CommandLineOptions) throws {
    guard options.arguments.count == 1 else { throw UsageError("give one .dnn file") }
    modelPath = options.arguments[0]
    guard let dataPath = options.text("--data") else {
      throw UsageError("--data is missing: give the data that the model was trained on")
    }
    self.dataPath = dataPath
    outPath = try options.outputPath(keeping: modelPath)
    quantization = QuantizationOptions(
      weightsOnly: options.has("--weights-only"),
      seed: try options.integer("--seed", in: 0...UInt64.max) ?? 1, threads: try options.threads(),
      fineTuning: try Settings.fineTuning(options))
    let drop = try options.number("--max-drop", in: 0...100) ?? 0.1
    largestDrop = options.has("--force") ? nil : drop
    isJSON = options.has("--json")
    isQuiet = options.has("--quiet")
  }

  /// Says how it goes.
  func note(_ text: String) {
    if !isQuiet { Terminal.note(text) }
  }

  private static func fineTuning(_ options: CommandLineOptions) throws -> FineTuning? {
    let learningRate: Float? = try options.number("--lr", in: 1e-9...1)
    guard let epochs = try options.integer("--finetune", in: 1...1000) else {
      if learningRate != nil { throw UsageError("--lr is for --finetune: give both") }
      return nil
    }
    return learningRate.map { FineTuning(epochs: epochs, learningRate: $0) } ?? FineTuning(epochs: epochs)
  }
}
