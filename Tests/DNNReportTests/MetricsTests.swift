import DNNReport
import Foundation
import DNNTrain
import Testing

@Suite struct MetricsTests {
  /// Eight images of three classes. The last answer is a tie, which the class with the smaller index wins.
  static let small = Predictions(
    labels: ["a", "b", "c"], truth: [0, 0, 0, 1, 1, 1, 2, 2],
    probabilities: [
      0.9, 0.05, 0.05,
      0.6, 0.3, 0.1,
      0.3, 0.5, 0.2,
      0.1, 0.8, 0.1,
      0.2, 0.7, 0.1,
      0.55, 0.2, 0.25,
      0, 0, 1,
      0.5, 0, 0.5,
    ])

  @Test func answers() {
    #expect(Self.small.predicted == [0, 0, 1, 1, 1, 0, 2, 0])
    #expect((0..<8).map { Self.small.rankOfTruth(image: $0) } == [0, 0, 1, 0, 0, 2, 0, 1])
  }

  @Test func figuresByHand() {
    let metrics = Metrics(Self.small)
    #expect(metrics.confusion == [[2, 1, 0], [1, 2, 0], [1, 0, 1]])
    #expect(metrics.correct == 5)
    #expect(metrics.accuracy == 5.0 / 8)
    #expect(metrics.top2Accuracy == 7.0 / 8)
    // The product of the true classes' probabilities.
    #expect(abs(metrics.loss + log(0.9 * 0.6 * 0.3 * 0.8 * 0.7 * 0.2 * 1 * 0.5) / 8) < 1e-6)
    expect(metrics.classes[0], 1.0 / 2, 2.0 / 3, 4.0 / 7, 3)
    expect(metrics.classes[1], 2.0 / 3, 2.0 / 3, 2.0 / 3, 3)
    expect(metrics.classes[2], 1, 1.0 / 2, 2.0 / 3, 2)
    expect(metrics.macro, 13.0 / 18, 11.0 / 18, 40.0 / 63, 8)
    expect(metrics.weighted, 11.0 / 16, 5.0 / 8, 53.0 / 84, 8)
  }

  @Test func confusionsMostFrequentFirst() {
    let predictions = Predictions(
      labels: ["a", "b"], truth: [0, 1, 1], probabilities: [0.4, 0.6, 0.7, 0.3, 0.8, 0.2])
    let confusions = Metrics(predictions).frequentConfusions(5)
    #expect(confusions.map { [$0.truth, $0.predicted, $0.count] } == [[1, 0, 2], [0, 1, 1]])
    #expect(Metrics(Self.small).frequentConfusions(2).map { [$0.truth, $0.predicted] } == [[0, 1], [1, 0]])
  }

  @Test func aClassThatNeverOccursIsLeftOutOfTheMeans() {
    let predictions = Predictions(
      labels: ["a", "b", "never"], truth: [0, 1], probabilities: [1, 0, 0, 0, 1, 0])
    let metrics = Metrics(predictions)
    expect(metrics.classes[2], 0, 0, 0, 0)
    expect(metrics.macro, 1, 1, 1, 2)
  }

  @Test func impossibleTruthHasFiniteLoss() {
    let predictions = Predictions(labels: ["a", "b"], truth: [0], probabilities: [0, 1])
    #expect(abs(Metrics(predictions).loss - 23 * log(2)) < 1e-12)
  }

  @Test func calibrationByHand() {
    let calibration = Calibration(Self.small, binCount: 4)
    #expect(calibration.bins.map(\.count) == [0, 2, 3, 3])
    #expect(calibration.bins.map(\.accuracy) == [0, 0, 2.0 / 3, 1])
    // The distances are 0.5, 0.05 and 0.1.
    #expect(abs(calibration.expectedError - (2 * 0.5 + 3 * 0.05 + 3 * 0.1) / 8) < 1e-6)
  }

  /// The bins' upper ends belong to them.
  @Test func certainAnswersAreInTheLastBin() {
    let calibration = Calibration(Predictions(labels: ["a", "b"], truth: [0, 0], probabilities: [1, 0, 0.5, 0.5]))
    #expect(calibration.bins.count == 15)
    #expect(calibration.bins[14].count == 1)
    #expect(calibration.bins[7].count == 1)
  }

  /// The intervals that R. G. Newcombe prints for the score method without continuity correction, "Two-sided confidence
  /// intervals for the single proportion", Statistics in Medicine 17 (1998), table I.
  @Test(
    arguments: [
      (81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0, 0.1611), (1, 29, 0.0061, 0.1718),
    ])
  func wilsonAsPrinted(successes: Int, count: Int, low: Double, high: Double) {
    let interval = wilsonInterval(successes: successes, of: count)
    #expect(abs(interval.lowerBound - low) < 0.5e-4, "\(interval)")
    #expect(abs(interval.upperBound - high) < 0.5e-4, "\(interval)")
  }

  @Test func wilsonStaysWithinShares() {
    #expect(wilsonInterval(successes: 7, of: 7).upperBound == 1)
    #expect(wilsonInterval(successes: 0, of: 7).lowerBound == 0)
  }

  private func expect(
    _ scores: Scores, _ precision: Double, _ recall: Double, _ f1: Double, _ support: Int,
    at location: SourceLocation = #_sourceLocation
  ) {
    #expect(abs(scores.precision - precision) < 1e-12, sourceLocation: location)
    #expect(abs(scores.recall - recall) < 1e-12, sourceLocation: location)
    #expect(abs(scores.f1 - f1) < 1e-12, sourceLocation: location)
    #expect(scores.support == support, sourceLocation: location)
  }
}
