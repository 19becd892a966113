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

  /// - Throws: `UsageError` for options that do not make a quantization, `DataError` and `OutputError` for files and folders
  ///   that are not there.
  init(_ options: CommandLineOptions) throws {
    guard options.arguments.count == 1 else { throw UsageError("give one .dnn file") }
    modelPath = options.arguments[0]
    guard let dataPath = options.text("--data") else {
      throw UsageError("--data is missing: give the folder of IDX files that the model was trained on")
    }
    self.dataPath = dataPath
    outPath = try options.outputPath()
    quantization = QuantizationOptions(
      weightsOnly: options.has("--weights-only"),
      seed: try options.integer("--seed", in: 0...UInt64.max) ?? 1, threads: try options.threads())
    let drop = try options.number("--max-drop", in: 0...100) ?? 0.1
    largestDrop = options.has("--force") ? nil : drop
    isJSON = options.has("--json")
    try IDXFolder.check(path: dataPath)
  }
}
