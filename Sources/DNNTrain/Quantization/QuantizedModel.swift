import DNNModel
import MNISTInfer

/// A model in 8-bit numbers, and how it differs from the one that it was made of.
public struct QuantizedModel {
  /// With labels, preparation and provenance of its source, and a self-test of its own.
  public let file: ModelFile
  /// What became of layers, accuracy and size.
  public let report: QuantizationReport

  init(_ quantizer: Quantizer) throws {
    let (source, heldOut) = (quantizer.source, quantizer.heldOut)
    var (file, temperature) = try quantizer.quantizedNetwork().calibrated(
      on: heldOut, threads: quantizer.options.threads)
    (file.metadata, file.provenance, file.history) = (source.metadata, source.provenance, source.history)
    var original = source
    original.trainingState = nil
    let (before, after) = try (original.encoded(), file.encoded())
    let accuracy = try AccuracyComparison(
      before: Classifier(bytes: before, threads: quantizer.options.threads).predictedClasses(heldOut),
      after: Classifier(bytes: after, threads: quantizer.options.threads).predictedClasses(heldOut),
      labels: heldOut.labels)
    file.provenance.merge(QuantizedModel.provenance(quantizer, accuracy)) { $1 }
    file.provenance["quantization.temperature"] = temperature.map { "\($0.value)" }
    file.selfTest = try QuantizedModel.selfTest(file, heldOut)
    self.file = file
    report = QuantizationReport(
      layers: quantizer.layerReports(), fineTunedEpoch: quantizer.keptEpoch, accuracy: accuracy,
      bytesBefore: before.count,
      bytesAfter: try file.encoded().count)
  }

  private static func provenance(_ quantizer: Quantizer, _ accuracy: AccuracyComparison) -> [String: String] {
    let what = quantizer.graph == nil ? "int8 weights" : "int8"
    let (images, seed) = (quantizer.calibrationImages.count, quantizer.options.seed)
    var provenance = [
      "quantization": "\(what), \(images) images, seed \(seed)",
      "quantization.accuracy": "\(accuracy.after.value)",
    ]
    if let fineTuning = quantizer.options.fineTuning, let epoch = quantizer.keptEpoch {
      provenance["quantization.fine-tuning"] =
        "epoch \(epoch) of \(fineTuning.epochs), learning rate \(fineTuning.learningRate)"
    }
    return provenance
  }

  /// Integer results are the same on every machine, so the test allows no difference, and one picture says as much as several.
  private static func selfTest(_ file: ModelFile, _ heldOut: Dataset) throws -> ModelFile.SelfTest {
    let isInteger = !file.quantization.isEmpty
    let pictures = heldOut.subset(Array(0..<min(isInteger ? 1 : selfTestCount, heldOut.count))).images
    let probabilities = try Classifier(bytes: file.encoded(), threads: 1).predict(pictures)
    return ModelFile.SelfTest(
      pictures: pictures, probabilities: probabilities, tolerance: isInteger ? 0 : selfTestTolerance)
  }
}
