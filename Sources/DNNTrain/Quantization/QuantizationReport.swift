import Glibc
import MNISTInfer

/// What quantization did to a model.
public struct QuantizationReport: Encodable, Sendable {
  /// In the order of the quantized network, without the softmax.
  public let layers: [Layer]
  /// After which epoch of fine-tuning the weights were taken; nil where none was better than before, or none was asked for.
  public let fineTunedEpoch: Int?
  /// By the runtime, on all held-out images. Where an epoch of fine-tuning was chosen by them, it is a little too good.
  public let accuracy: AccuracyComparison
  /// Of the file, without a state to continue training from.
  public let bytesBefore: Int
  /// Of the quantized file.
  public let bytesAfter: Int

  /// By how many percentage points accuracy fell; negative where it rose.
  public var drop: Double { -100 * accuracy.difference.value }

  /// One layer of the quantized network.
  public struct Layer: Encodable, Sendable {
    /// Its name, or its index.
    public let name: String
    /// "convolution", "dense", …
    public let kind: String
    /// The least and largest number that its output can be; nil where that is no 8-bit number.
    public let range: [Float]?
    /// How the range was found; nil where there is none or it is the input's.
    public let rangeMethod: String?
    /// How the scales of its weights were found; nil without 8-bit weights.
    public let weightScaling: String?
    /// Whether the mean error of its sums was taken off its bias.
    public let isBiasCorrected: Bool
    /// The power of the float network's output over that of the difference, in decibels, on held-out images; nil where there is
    /// no difference.
    public let signalToNoise: Double?
  }
}

extension Quantizer {
  /// What became of each layer.
  func layerReports() -> [QuantizationReport.Layer] {
    let layers = network.layers.dropLast()
    let powers = signalAndNoise()
    return layers.enumerated().map { index, layer in
      let quantization = quantization(ofValue: index + 1)
      return QuantizationReport.Layer(
        name: layer.title(index), kind: "\(layer.kind.title)",
        range: quantization.map { [$0.bounds.lowerBound, $0.bounds.upperBound] },
        rangeMethod: rangeMethods[index + 1]?.description, weightScaling: products[index]?.scaling.rawValue,
        isBiasCorrected: products[index]?.isCorrected ?? false,
        signalToNoise: powers[index].noise > 0 ? 10 * log10(powers[index].signal / powers[index].noise) : nil)
    }
  }

  /// For each layer but the softmax, sums of squares over the images that choices were made by.
  private func signalAndNoise() -> [(signal: Double, noise: Double)] {
    let count = network.layers.count - 1
    let all = sums(
      over: choiceImages, simulation, reference, parallel, at: (1...count).map { .value($0) }, count: 2 * count
    ) { place, actual, expected, sums in
      for (actual, expected) in zip(actual, expected) {
        sums[2 * place] += Double(expected) * Double(expected)
        sums[2 * place + 1] += Double(actual - expected) * Double(actual - expected)
      }
    }
    return (0..<count).map { (all[2 * $0], all[2 * $0 + 1]) }
  }
}
