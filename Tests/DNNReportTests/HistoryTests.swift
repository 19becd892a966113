import DNNModel
import DNNTrain
import Foundation
import Testing

@testable import DNNReport

@Suite struct HistoryTests {
  /// The digits model with a made-up history: no trained model is needed to draw one.
  private func page(epochs: Int, stage: Report.Stage = .done) throws -> (page: ParsedPage, html: String) {
    let model = try TestModel("../../Sources/CDefaultModel/digits.dnn")
    var file = try ModelFile(decoding: model.bytes)
    file.history = (1...max(epochs, 1)).prefix(epochs).map { epoch in
      let accuracy: Float = epoch == 2 ? 0.75 : 0.625
      return TrainingEpoch(
        trainingLoss: 1 / Float(epoch), trainingAccuracy: 0.5, heldOutLoss: 1 / Float(epoch + 1),
        heldOutAccuracy: accuracy, learningRate: 0.001)
    }
    let data = EvaluationData(name: "noise", part: "test images", model.data(shape: model.classifier.input))
    let evaluation = try ModelEvaluation(file: "m.dnn", model.classifier, contents: try file.encoded(), on: data)
    let html = Report([evaluation], on: data, command: ["dnn-eval"], stage: stage).html()
    return (try ParsedPage(html), html)
  }

  @Test(arguments: [1, 2, 7, 1000])
  func aLineForEachFigure(epochs: Int) throws {
    let (page, html) = try page(epochs: epochs)
    page.expectSound()
    let curves = html.matches(of: /<path class="curve (?:training|heldout)" d="M([^H"]*)"/)
    #expect(curves.count == 4)
    for curve in curves {
      let points = curve.1.split(separator: "L")
      #expect(epochs > LineChart.mostPoints ? points.count < epochs : points.count == epochs)
      // A chart's frame, and the last epoch at its right.
      let coordinates = points.map { $0.split(separator: " ").compactMap { Double($0) } }
      #expect(coordinates.allSatisfy { (62...422).contains($0[0]) && (40...240).contains($0[1]) }, "\(curve.1)")
      #expect(coordinates.last?[0] == (epochs == 1 ? 242 : 422))
    }
    let table = try #require(page.tables.first { $0.first?.first == "epoch" })
    #expect(table.last?.first == epochs.formatted(.number.locale(Locale(identifier: "en_US"))))
    #expect(table.count { $0[4].contains("best") } == (epochs == 1000 ? table.count { $0[0] == "2" } : 1))
    if epochs == 7 { #expect(table[2] == ["2", "0.5000", "50.00\u{a0}%", "0.3333", "75.00\u{a0}% (best)", "0.001"]) }
  }

  @Test func noHistoryNoCurves() throws {
    #expect(try !page(epochs: 0).html.contains("class=\"curve"))
  }

  @Test func aTrainingThatGoesOnIsShownAnew() throws {
    let refresh = "http-equiv=\"refresh\""
    let running = try page(epochs: 2, stage: .training(epoch: 2, total: 9))
    running.page.expectSound()
    #expect(running.html.contains(refresh) && running.page.text.contains("Epoch 2 of 9."))
    let stopped = try page(epochs: 2, stage: .stopped(epoch: 2, total: 9))
    #expect(!stopped.html.contains(refresh) && stopped.page.text.contains("stopped after epoch 2 of 9"))
    #expect(try !page(epochs: 2).html.contains(refresh))
  }

  @Test(
    arguments: [
      (0.0, 1.0, [0, 0.5, 1]), (0, 0.28, [0, 0.1, 0.2, 0.3]), (0.914, 1, [0.9, 0.95, 1]), (0, 0, [0, 1e-6]),
      (0.5, 0.5, [0.5, 0.500001]), (0, 40, [0, 10, 20, 30, 40]), (0.97, 1, [0.97, 0.98, 0.99, 1]),
    ])
  func roundTicks(low: Double, high: Double, expected: [Double]) {
    let ticks = axisTicks(low, high)
    #expect(ticks.count == expected.count, "\(ticks)")
    for (tick, value) in zip(ticks, expected) { #expect(abs(tick - value) < 1e-9) }
  }
}
