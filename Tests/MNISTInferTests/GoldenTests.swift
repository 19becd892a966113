import DNNModel
import Foundation
import MNISTInfer
import Testing

/// Files that every reader of format 1.0 must accept or reject, committed as bytes. DNN_WRITE_GOLDEN=1 makes them anew from
/// GoldenValid.swift and GoldenCases; what is already published should then be unchanged.
@Suite struct GoldenTests {
  init() throws { _ = try Self.written.get() }

  /// Once, before the first test reads.
  private static let written = Result {
    if ProcessInfo.processInfo.environment["DNN_WRITE_GOLDEN"] == "1" { try GoldenFolder.write() }
  }

  @Test func validFilesGiveTheirProbabilities() throws {
    let names = try GoldenFolder.names("valid")
    #expect(names.count >= 16)
    for name in names {
      let bytes = try GoldenFolder.read("valid", name)
      #expect(outcome(bytes) == .works, "\(name)")
      guard let model = try? ModelFile(decoding: bytes), let test = model.selfTest else {
        #expect(name == "minimal.dnn", "\(name) has no self-test")
        continue
      }
      let actual = try Classifier(bytes: bytes, threads: 1).predict(test.pictures)
      #expect(actual.count == test.probabilities.count, "\(name)")
      for (index, (a, b)) in zip(actual, test.probabilities).enumerated() {
        #expect(abs(a - b) <= test.tolerance, "\(name), probability \(index)")
      }
    }
  }

  /// Reading and writing gives the same bytes, but for what a writer does not write.
  @Test func validFilesAreCanonical() throws {
    let others = [
      "empty-history.dnn", "empty-optional-sections.dnn", "newer-minor-version.dnn", "unknown-sections.dnn",
    ]
    for name in try GoldenFolder.names("valid") {
      let bytes = try GoldenFolder.read("valid", name)
      #expect(try (ModelFile(decoding: bytes).encoded() == bytes) == !others.contains(name), "\(name)")
    }
  }

  @Test func rejectedFilesAreRejectedForTheRightReason() throws {
    let rows = try GoldenFolder.expected()
    #expect(rows.count >= 60)
    for row in rows {
      guard row.count == 3 else {
        Issue.record("expected.tsv: \(row)")
        continue
      }
      guard case .fails(let status, let message) = outcome(try GoldenFolder.read("rejected", row[0])) else {
        Issue.record("\(row[0]) was accepted")
        continue
      }
      #expect("\(status)" == row[1], "\(row[0])")
      #expect(message == row[2], "\(row[0])")
    }
  }

  @Test func everyFileHasARowAndIsSmall() throws {
    let rows = try GoldenFolder.expected().compactMap(\.first)
    #expect(Set(rows).count == rows.count)
    #expect(try GoldenFolder.names("rejected") == rows.sorted())
    for name in rows { #expect(try GoldenFolder.read("rejected", name).count < 4096, "\(name)") }
  }
}
