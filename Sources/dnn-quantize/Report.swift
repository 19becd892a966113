import DNNCommandLine
import DNNModel
import DNNTrain
import FoundationEssentials

extension QuantizationReport {
  /// Tables for people.
  func text(_ options: QuantizationOptions) -> String {
    let rows = layers.map { layer in
      [
        layer.name, layer.kind, layer.weightScaling ?? "", layer.isBiasCorrected ? "corrected" : "",
        layer.rangeMethod ?? "", layer.range.map { "\(decimal($0[0], 3)) … \(decimal($0[1], 3))" } ?? "",
        layer.signalToNoise.map { decimal($0, 1) } ?? "",
      ]
    }
    let titles = ["layer", "kind", "weights' scales", "bias", "range by", "range", "signal/noise dB"]
    return table([titles] + rows, rightFrom: 5) + "\n" + fineTuningText(options.fineTuning) + accuracyText()
      + sizeText()
  }

  private func fineTuningText(_ fineTuning: FineTuning?) -> String {
    guard let fineTuning else { return "" }
    let kept = fineTunedEpoch.map { "the weights of epoch \($0) are kept" } ?? "no epoch made the model better"
    return "fine-tuning, epochs 1 to \(fineTuning.epochs): \(kept)\n"
  }

  private func accuracyText() -> String {
    """
    accuracy on \(grouped(accuracy.count)) held-out images
      before: \(shareText(accuracy.before))
      after: \(shareText(accuracy.after))
    difference: \(decimal(100 * accuracy.difference.value, 2)) ± \(decimal(100 * accuracy.difference.halfWidth, 2)) points; \
    \(accuracy.lost) images lost, \(accuracy.gained) gained
    (intervals hold what they are of with 95 %: of an accuracy Wilson's of 1927; ± is
    the half-width of the paired difference's, 1.96 √(l + g - (g - l)² / n) / n)

    """
  }

  private func sizeText() -> String {
    "size: \(grouped(bytesBefore)) bytes before, \(grouped(bytesAfter)) after: "
      + "\(decimal(Double(bytesAfter) / Double(bytesBefore), 3)) of it\n"
  }

  /// One object for programs.
  func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
    return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
  }
}

private func shareText(_ share: AccuracyComparison.Share) -> String {
  "\(percent(share.value)), 95 % interval \(percent(share.interval[0])) to \(percent(share.interval[1]))"
}

private func percent(_ share: Double) -> String { decimal(100 * share, 2) + " %" }
