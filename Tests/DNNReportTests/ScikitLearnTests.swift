import DNNReport
import Foundation
import Testing

/// Our figures beside those of scikit-learn for the same predictions. scikit_learn.py says how its figures were made.
@Suite struct ScikitLearnTests {
  @Test func sameFigures() throws {
    let metrics = Metrics(ScikitLearnTests.predictions())
    let theirs = try ScikitLearnTests.theirs()
    #expect(metrics.confusion == theirs.confusion)
    #expect(abs(metrics.accuracy - theirs.accuracy) < 1e-12)
    #expect(abs(metrics.top2Accuracy - theirs.top2Accuracy) < 1e-12)
    // The probabilities are float32 on our side.
    #expect(abs(metrics.loss - theirs.loss) < 1e-6)
    var rows = metrics.classes.enumerated().map { ("\($0.offset)", $0.element) }
    rows += [("macro avg", metrics.macro), ("weighted avg", metrics.weighted)]
    for (name, scores) in rows {
      let expected = try #require(theirs.rows[name], "\(name)")
      #expect(abs(scores.precision - expected.precision) < 1e-12, "\(name)")
      #expect(abs(scores.recall - expected.recall) < 1e-12, "\(name)")
      #expect(abs(scores.f1 - expected.f1) < 1e-12, "\(name)")
      #expect(Double(scores.support) == expected.support, "\(name)")
    }
  }

  /// The same as `predictions` in scikit_learn.py.
  private static func predictions() -> Predictions {
    var state: UInt32 = 1
    func draw(_ bound: UInt32) -> Int {
      state = state &* 1_664_525 &+ 1_013_904_223
      return Int((state >> 16) % bound)
    }
    var truth: [Int] = []
    var probabilities: [Float] = []
    for _ in 0..<400 {
      let label = draw(10) == 0 ? draw(4) : draw(3)
      var scores = (0..<5).map { _ in draw(1000) + 1 }
      scores[label] += 600
      truth.append(label)
      let total = Float(scores.reduce(0, +))
      probabilities += scores.map { Float($0) / total }
    }
    return Predictions(labels: ["a", "b", "c", "d", "e"], truth: truth, probabilities: probabilities)
  }

  private struct Row: Decodable {
    let precision: Double
    let recall: Double
    let f1: Double
    let support: Double

    enum CodingKeys: String, CodingKey {
      case precision, recall, support
      case f1 = "f1-score"
    }
  }

  private struct Figures {
    let confusion: [[Int]]
    let loss: Double
    let top2Accuracy: Double
    let accuracy: Double
    let rows: [String: Row]
  }

  private struct File: Decodable {
    let confusion: [[Int]]
    let loss: Double
    let top2Accuracy: Double
    let report: [String: Entry]

    /// A row of the report, or its accuracy, which is a lone number.
    enum Entry: Decodable {
      case row(Row)
      case number(Double)

      init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let number = try? container.decode(Double.self) {
          self = .number(number)
        } else {
          self = .row(try container.decode(Row.self))
        }
      }
    }
  }

  private static func theirs() throws -> Figures {
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("scikit_learn.json")
    let file = try JSONDecoder().decode(File.self, from: Data(contentsOf: path))
    guard case .number(let accuracy)? = file.report["accuracy"] else { throw CocoaError(.coderValueNotFound) }
    let rows = file.report.compactMapValues { entry in
      if case .row(let row) = entry { row } else { nil }
    }
    return Figures(
      confusion: file.confusion, loss: file.loss, top2Accuracy: file.top2Accuracy, accuracy: accuracy, rows: rows)
  }
}
