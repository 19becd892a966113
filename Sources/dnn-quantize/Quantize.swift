import DNNCommandLine
import DNNModel
import DNNTrain
import MNISTInfer

/// Reads model and data, quantizes, reports, and writes the file unless accuracy fell too far.
func quantize(_ settings: Settings) throws {
  let model = try readModel(settings.modelPath)
  let data = try TrainingData(settings.dataPath, classCount: model.labels.count, note: settings.note)
  if let hash = model.provenance["data.sha256"], hash != data.sha256 {
    Terminal.note(
      "dnn-quantize: \(settings.dataPath) is not what \(settings.modelPath) was trained on: results may be worse, and "
        + "nothing was held out")
  }
  let (training, heldOut) = try heldOutAsInTraining(of: model, data)
  let quantizer = try Quantizer(model, training: training, heldOut: heldOut, options: settings.quantization)
  let quantized = try quantizer.quantize { progress in
    guard progress.heldOutAccuracy != nil else { return }
    settings.note(
      "fine-tuning: epoch \(progress.epoch) of \(progress.epochs), loss \(decimal(progress.loss, 4)), "
        + "\(decimal(progress.seconds, 1)) s")
  }
  let report = quantized.report
  try Terminal.print(settings.isJSON ? report.json() : report.text(settings.quantization))
  if let largest = settings.largestDrop, report.drop > largest {
    throw AccuracyDropError(drop: report.drop, largest: largest, settings)
  }
  try quantized.file.write(to: settings.outPath)
  settings.note("wrote \(settings.outPath)")
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

/// Holds out the images that the training held out; what it would have by default where the model does not say.
private func heldOutAsInTraining(
  of model: ModelFile, _ data: TrainingData
) throws -> (training: Dataset, heldOut: Dataset) {
  try data.training.split(
    heldOut: model.provenance["held-out.count"].flatMap { Int($0) } ?? data.usualHeldOutCount,
    seed: model.provenance["held-out.seed"].flatMap { UInt64($0) } ?? 0)
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
