import Testing

@testable import DNNModel

@Suite struct SuggestionTests {
  /// Counted by hand.
  @Test(
    arguments: [
      ("", "", 0), ("abc", "", 3), ("kitten", "sitting", 3), ("report", "reprot", 1), ("epoch", "epochs", 1),
      ("ab", "ba", 1), ("abcd", "acbd", 1), ("ca", "abc", 3),
    ])
  func distances(first: String, second: String, expected: Int) {
    #expect(editDistance(first, second) == expected)
    #expect(editDistance(second, first) == expected)
  }

  private let options = ["--epochs", "--batch", "--lr", "--label-smoothing", "--held-out", "--held-out-seed"]

  @Test(
    arguments: [
      ("--epoch", "--epochs"), ("--Batch", "--batch"), ("--batchs", "--batch"), ("--label", "--label-smoothing"),
      ("--heldout", "--held-out"), ("--lr2", "--lr"), ("--xyzzy", nil), ("--held", nil), ("", nil),
    ])
  func nearest(word: String, expected: String?) { #expect(suggestion(for: word, among: options) == expected) }
}
