/// How well one class is recognised, or a mean over classes.
public struct Scores: Sendable, Encodable {
  /// Of the images taken for the class, the share that is of it.
  public var precision: Double
  /// Of the images of the class, the share taken for it.
  public var recall: Double
  /// The harmonic mean of the two.
  public var f1: Double
  /// Images that are of the class.
  public var support: Int

  /// From counts. A share of nothing is 0, as in scikit-learn.
  ///
  /// - Parameters:
  ///   - hits: images of the class that were taken for it.
  ///   - predicted: images that were taken for it.
  ///   - support: images of the class.
  init(hits: Int, predicted: Int, support: Int) {
    precision = predicted == 0 ? 0 : Double(hits) / Double(predicted)
    recall = support == 0 ? 0 : Double(hits) / Double(support)
    f1 = predicted + support == 0 ? 0 : 2 * Double(hits) / Double(predicted + support)
    self.support = support
  }

  /// The mean of scores.
  ///
  /// - Parameters:
  ///   - scores: of the classes that occur.
  ///   - weight: how much each counts.
  init(meanOf scores: [Scores], weight: (Scores) -> Double) {
    let total = scores.reduce(0) { $0 + weight($1) }
    func mean(_ value: (Scores) -> Double) -> Double {
      total == 0 ? 0 : scores.reduce(0) { $0 + weight($1) * value($1) } / total
    }
    precision = mean(\.precision)
    recall = mean(\.recall)
    f1 = mean(\.f1)
    support = scores.reduce(0) { $0 + $1.support }
  }
}
