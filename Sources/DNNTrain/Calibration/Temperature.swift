import DNNModel
import Glibc
import MNISTInfer

/// What a model's logits are divided by so that its probabilities say how often it is right (Guo, Pleiss, Sun, Weinberger: On
/// calibration of modern neural networks, 2017, section 4.2): the divisor with the least cross-entropy on images that were not
/// trained on. The likeliest class does not depend on it.
struct Temperature: Equatable {
  /// To three decimals, so that a file can say what it was.
  let value: Double

  /// Where it is looked for; usual ones lie between 0.5 and 3.
  static let range = 0.1...10.0

  /// Finds a model's temperature, from what the runtime makes of images.
  ///
  /// - Parameters:
  ///   - model: what the runtime's reader accepts.
  ///   - images: with labels, not trained on.
  ///   - threads: to compute with; the result does not depend on it.
  /// - Throws: `ModelFileError` or `Failure` if the runtime cannot run the model.
  init?(of model: ModelFile, on images: Dataset, threads: Int) throws {
    // Logarithms of probabilities are logits; with such a divisor none of the probabilities is rounded to zero.
    let divisor = 16.0
    guard let flat = model.dividingLogits(by: divisor) else { return nil }
    let probabilities = try Classifier(bytes: flat.encoded(), threads: threads).predict(images.images)
    self.init(
      logits: probabilities.map { divisor * log(Double(max($0, .leastNormalMagnitude))) }, labels: images.labels)
  }

  /// Finds the temperature of logits; nil where it is outside of the range or the images leave it uncertain by more than a quarter.
  /// Both are so where all images are classified rightly: the least cross-entropy is then that of certainty, at zero.
  ///
  /// - Parameters:
  ///   - logits: of all classes, image after image, of each image up to a constant.
  ///   - labels: one an image.
  init?(logits: [Double], labels: [Int]) {
    func slope(_ inverse: Double) -> Double { Temperature.derivatives(inverse, logits, labels).first }
    // Convex in the inverse of the temperature, so where its slope changes its sign is the least.
    var (low, high) = (1 / Temperature.range.upperBound, 1 / Temperature.range.lowerBound)
    guard slope(low) < 0, slope(high) > 0 else { return nil }
    while 1 / low - 1 / high > 1e-4 {
      let middle = (low * high).squareRoot()
      if slope(middle) < 0 { low = middle } else { high = middle }
    }
    // The curvature is the information on the inverse, and one over it the variance of what was found.
    let information = low * low * Temperature.derivatives(low, logits, labels).second
    guard information >= Temperature.leastInformation else { return nil }
    value = (1000 / low).rounded() / 1000
  }

  /// With which the standard error is a quarter.
  private static let leastInformation = 16.0

  /// Derivatives of the cross-entropies' sum by the inverse of the temperature: for each image, what the probabilities expect of
  /// its logits less the one of its label, and the variance of its logits.
  private static func derivatives(
    _ inverse: Double, _ logits: [Double], _ labels: [Int]
  ) -> (first: Double, second: Double) {
    let classes = logits.count / max(labels.count, 1)
    var (first, second) = (0.0, 0.0)
    for (image, label) in labels.enumerated() {
      let own = logits[image * classes..<(image + 1) * classes]
      let largest = own.max() ?? 0
      // From the largest logit down, which loses no digits.
      var (sum, mean, square) = (0.0, 0.0, 0.0)
      for logit in own {
        let difference = logit - largest
        let weight = exp(inverse * difference)
        sum += weight
        mean += weight * difference
        square += weight * difference * difference
      }
      (mean, square) = (mean / sum, square / sum)
      first += mean - (own[own.startIndex + label] - largest)
      second += square - mean * mean
    }
    return (first, second)
  }
}

extension ModelFile {
  /// The same model with calibrated probabilities, and the temperature; as it is where there is none.
  func calibrated(on images: Dataset, threads: Int) throws -> (model: ModelFile, temperature: Temperature?) {
    guard let temperature = try Temperature(of: self, on: images, threads: threads),
      let model = dividingLogits(by: temperature.value)
    else { return (self, nil) }
    return (model, temperature)
  }
}
