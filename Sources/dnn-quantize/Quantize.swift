import DNNCommandLine
import DNNModel
import DNNTrain
import MNISTInfer

/// Reads model and data, quantizes, reports, and writes the file unless accuracy fell too far.
func quantize(_ settings: Settings) throws {
  let model = try readModel(settings.modelPath)
  let folder = try IDXFolder(path: settings.dataPath, classCount: model.labels.count)
  if let hash = model.provenance["data.sha256"], hash != folder.sha256 {
    Terminal.note(
      "dnn-quantize: \(settings.dataPath) is not what \(settings.modelPath) was trained on: results may be worse, and "
        + "nothing was held out")
  }
  let (training, heldOut) = try folder.training.split(heldOut: heldOutCount(model), seed: heldOutSeed(model))
  let quantizer = try Quantizer(model, training: training, heldOut: heldOut, options: settings.quantization)
  let quantized = try quantizer.quantize()
  let report = quantized.report
  Terminal.print(try settings.isJSON ? report.json() : report.text())
  if let largest = settings.largestDrop, report.drop > largest {
    throw AccuracyDropError(drop: report.drop, largest: largest, settings)
  }
  try quantized.file.write(to: settings.outPath)
  Terminal.note("wrote \(settings.outPath)")
}

private func readModel(_ path: String) throws -> ModelFile {
  do {
    // The runtime's own reader opens the file first: its messages name it.
    _ = try Classifier(path: path, threads: 1)
    return try ModelFile(path: path)
  } catch let failure as Failure {
    throw ModelError(failure)
  }
}

/// As many images as the training held out, so that the same are; what dnn-train takes unless told otherwise where the model
/// does not say.
private func heldOutCount(_ model: ModelFile) -> Int {
  model.provenance["held-out.count"].flatMap { Int($0) } ?? 5000
}

/// What they were chosen by.
private func heldOutSeed(_ model: ModelFile) -> UInt64 {
  model.provenance["held-out.seed"].flatMap { UInt64($0) } ?? 0
}

/// Accuracy fell too far for the file to be written.
struct AccuracyDropError: Error, CustomStringConvertible {
  let description: String

  init(drop: Double, largest: Double, _ settings: Settings) {
    let other = settings.quantization.weightsOnly ? "another --seed" : "--weights-only, another --seed"
    description =
      "held-out accuracy falls by \(decimal(drop, 2)) points, and --max-drop allows \(decimal(largest, 2)): nothing was written; "
      + "try \(other), or --force to write it all the same"
  }
}
