/// Whether a model is right as often as it says: answers sorted by the probability that the model gave them.
public struct Calibration: Sendable, Encodable {
  /// Bins of equal width over 0 to 1, those without an answer included.
  public let bins: [Bin]
  /// The mean distance of accuracy and confidence over all answers, 0 to 1.
  public let expectedError: Double

  /// Answers given with about the same probability.
  public struct Bin: Sendable, Encodable {
    /// Answers.
    public let count: Int
    /// The share of them that is right; 0 without answers.
    public let accuracy: Double
    /// The mean of their probabilities; 0 without answers.
    public let confidence: Double
  }

  /// The expected calibration error of C. Guo, G. Pleiss, Y. Sun and K. Q. Weinberger, "On calibration of modern neural
  /// networks", ICML 2017: bin m of M holds the answers with a probability in ((m - 1)/M, m/M]. They use 15 bins.
  public init(_ predictions: Predictions, binCount: Int = 15) {
    var counts = [Int](repeating: 0, count: binCount)
    var right = counts
    var confidences = [Double](repeating: 0, count: binCount)
    for image in predictions.truth.indices {
      let confidence = Double(predictions.confidence(image: image))
      let bin = min(max(Int((confidence * Double(binCount)).rounded(.up)) - 1, 0), binCount - 1)
      counts[bin] += 1
      right[bin] += predictions.isRight(image: image) ? 1 : 0
      confidences[bin] += confidence
    }
    bins = (0..<binCount).map {
      let count = Double(max(counts[$0], 1))
      return Bin(count: counts[$0], accuracy: Double(right[$0]) / count, confidence: confidences[$0] / count)
    }
    let distance = bins.reduce(0) { $0 + Double($1.count) * abs($1.accuracy - $1.confidence) }
    expectedError = distance / Double(max(predictions.count, 1))
  }
}
