import DNNTrain
import Glibc

/// How good predictions are.
public struct Metrics: Sendable {
  /// Images.
  public let count: Int
  /// Images whose likeliest class is their label.
  public let correct: Int
  /// The share of them, 0 to 1.
  public let accuracy: Double
  /// Where the accuracy on images of the same kind lies with a probability of 95 %; see `wilsonInterval`.
  public let accuracyInterval: ClosedRange<Double>
  /// The share of images whose label is one of the two likeliest classes.
  public let top2Accuracy: Double
  /// The mean negative logarithm of the true class's probability, which counts as `leastProbability` at least.
  public let loss: Double
  /// Images by true class (row) and likeliest class (column).
  public let confusion: [[Int]]
  /// By class.
  public let classes: [Scores]
  /// The mean over all classes that are the label or the answer of an image, as in scikit-learn.
  public let macro: Scores
  /// The same, weighted by the images of each class.
  public let weighted: Scores
  /// Whether the probabilities can be believed.
  public let calibration: Calibration

  /// A class of probability 0 would make the mean loss infinite, whatever the other images are. What float32 can tell from 1
  /// is the bound that scikit-learn's `log_loss` sets for such probabilities.
  public static let leastProbability = Double(Float.ulpOfOne)

  /// Measures predictions of at least one image.
  public init(_ predictions: Predictions) {
    precondition(predictions.count > 0)
    let classCount = predictions.labels.count
    var confusion = [[Int]](repeating: [Int](repeating: 0, count: classCount), count: classCount)
    var loss = 0.0
    var inTop2 = 0
    for (image, truth) in predictions.truth.enumerated() {
      confusion[truth][predictions.predicted[image]] += 1
      loss -= log(max(Double(predictions.probability(of: truth, image: image)), Metrics.leastProbability))
      inTop2 += predictions.rankOfTruth(image: image) < 2 ? 1 : 0
    }
    count = predictions.count
    correct = (0..<classCount).reduce(0) { $0 + confusion[$1][$1] }
    accuracy = Double(correct) / Double(count)
    accuracyInterval = wilsonInterval(successes: correct, of: count)
    top2Accuracy = Double(inTop2) / Double(count)
    self.loss = loss / Double(count)
    self.confusion = confusion
    let predicted = (0..<classCount).map { column in confusion.reduce(0) { $0 + $1[column] } }
    classes = (0..<classCount).map {
      Scores(hits: confusion[$0][$0], predicted: predicted[$0], support: confusion[$0].reduce(0, +))
    }
    let occurring = zip(classes, predicted).filter { $0.support + $1 > 0 }.map { $0.0 }
    macro = Scores(meanOf: occurring) { _ in 1 }
    weighted = Scores(meanOf: occurring) { Double($0.support) }
    calibration = Calibration(predictions)
  }

  /// One way to be wrong.
  public struct Confusion: Sendable, Equatable {
    /// The class of the images.
    public let truth: Int
    /// What they were taken for.
    public let predicted: Int
    /// Images.
    public let count: Int
  }

  /// The most frequent confusions, most frequent first, then by class.
  public func frequentConfusions(_ limit: Int) -> [Confusion] {
    let all = confusion.indices.flatMap { row in
      confusion[row].indices.filter { $0 != row && confusion[row][$0] > 0 }.map {
        Confusion(truth: row, predicted: $0, count: confusion[row][$0])
      }
    }
    return Array(
      all.sorted { ($1.count, $0.truth, $0.predicted) < ($0.count, $1.truth, $1.predicted) }.prefix(limit))
  }
}
