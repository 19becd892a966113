import DNNReport
import Testing

@Suite struct ComparisonTests {
  /// 2 · (1 + 12 + 66) / 4096, and two cases without any difference.
  @Test func byHand() {
    let expected = 158.0 / 4096
    #expect(abs(McNemarTest(onlyFirstRight: 10, onlySecondRight: 2).pValue - expected) < 1e-12)
    #expect(abs(McNemarTest(onlyFirstRight: 2, onlySecondRight: 10).pValue - expected) < 1e-12)
    #expect(McNemarTest(onlyFirstRight: 7, onlySecondRight: 7).pValue == 1)
    #expect(McNemarTest(onlyFirstRight: 0, onlySecondRight: 0).pValue == 1)
  }

  /// `scipy.stats.binomtest(first, first + second).pvalue` of SciPy 1.17.1.
  @Test(
    arguments: [
      (150, 86, 3.7159361395713866e-05), (600, 400, 2.728464156065947e-10), (3, 30, 1.4011748135089874e-06),
      (5000, 4900, 0.31974241576397044),
    ])
  func asSciPy(first: Int, second: Int, pValue: Double) {
    let ours = McNemarTest(onlyFirstRight: first, onlySecondRight: second).pValue
    #expect(abs(ours - pValue) < 1e-9 * pValue, "\(ours)")
  }

  @Test func pairsOfThree() {
    let right = Predictions(labels: ["a", "b"], truth: [0, 1, 1], probabilities: [1, 0, 0, 1, 0, 1])
    let wrong = Predictions(labels: ["a", "b"], truth: [0, 1, 1], probabilities: [0, 1, 1, 0, 0, 1])
    let pairs = Comparison.pairs([right, wrong, right])
    #expect(pairs.map { [$0.first, $0.second] } == [[0, 1], [0, 2], [1, 2]])
    #expect(pairs.map(\.disagreements) == [[0, 1], [], [0, 1]])
    #expect(pairs.map(\.test.onlyFirstRight) == [2, 0, 0])
    #expect(pairs.map(\.test.onlySecondRight) == [0, 0, 2])
  }
}
