/// Two models on the same images.
public struct Comparison: Sendable {
  /// Places of the models in the list that was compared.
  public let first: Int
  /// The other one's, which is larger.
  public let second: Int
  /// Images that the models answer differently, rightly or not.
  public let disagreements: [Int]
  /// Whether one of them is better by more than chance. Where many models are compared, some pair will look so by chance.
  public let test: McNemarTest

  /// Every two of some models.
  ///
  /// - Parameter predictions: of each model, on the same images in the same order.
  /// - Returns: each pair once, in the order of the models.
  public static func pairs(_ predictions: [Predictions]) -> [Comparison] {
    predictions.indices.flatMap { first in
      predictions.indices.dropFirst(first + 1).map { Comparison(first, $0, predictions) }
    }
  }

  private init(_ first: Int, _ second: Int, _ predictions: [Predictions]) {
    let (one, other) = (predictions[first], predictions[second])
    precondition(one.truth == other.truth, "models are compared on the same images")
    self.first = first
    self.second = second
    disagreements = one.truth.indices.filter { one.predicted[$0] != other.predicted[$0] }
    test = McNemarTest(
      onlyFirstRight: disagreements.count { one.isRight(image: $0) },
      onlySecondRight: disagreements.count { other.isRight(image: $0) })
  }

  /// Whether the difference counts as more than chance: the usual bound of 5 %.
  public var isSignificant: Bool { test.pValue < 0.05 }
}
