import DNNReport
import DNNTrain
import Foundation
import FoundationXML
import MNISTInfer
import Testing

@Suite struct ReportTests {
  /// The digits model on noise, where it is mostly wrong, and a small integer model.
  @Test(arguments: ["../../Sources/CDefaultModel/digits.dnn", "../MNISTInferTests/Golden/valid/integer-picture.dnn"])
  func oneModel(file: String) throws {
    let (evaluation, data) = try evaluate(file)
    let page = try ParsedPage(Report([evaluation], on: data, command: ["dnn-eval"]).html())
    page.expectSound()
    // Confusion matrix: a row a class, its title first; the count is the first word of a cell.
    let side = evaluation.metrics.confusion.count + 1
    let table = try #require(page.tables.first { $0.count == side && $0.allSatisfy { $0.count == side } })
    let matrix = table.dropFirst().map { $0.dropFirst().map { $0.split(separator: " ")[0] } }
    #expect(matrix == evaluation.metrics.confusion.map { $0.map { "\($0)" } })
    let wrong = evaluation.metrics.count - evaluation.metrics.correct
    let galleries = min(wrong, 24) + min(evaluation.metrics.correct, 24)
    #expect(page.imageDescriptions.count { $0.hasPrefix("image ") } == galleries)
    for layer in evaluation.summary.layers where layer.parameters > 0 {
      #expect(page.text.contains(layer.parameters.formatted(.number.locale(Locale(identifier: "en_US")))))
    }
  }

  @Test func severalModels() throws {
    let (evaluation, data) = try evaluate("../../Sources/CDefaultModel/digits.dnn")
    let page = try ParsedPage(Report([evaluation, evaluation, evaluation], on: data, command: ["dnn-eval"]).html())
    page.expectSound()
    #expect(page.text.contains("3 models on noise"))
    #expect(page.tables[1].count == 1 + 3, "a title and three pairs")
    #expect(page.text.contains("All models answer alike"))
  }

  /// Residual connections, all kinds of layers, and models of one class.
  @Test(arguments: ["every-layer-kind", "residual", "one-class", "no-tensors", "names-and-labels", "integer-residual"])
  func unusualModels(name: String) throws {
    let (evaluation, data) = try evaluate("../MNISTInferTests/Golden/valid/\(name).dnn")
    try ParsedPage(Report([evaluation], on: data, command: ["dnn-eval"]).html()).expectSound()
  }

  /// What stands in files and on command lines stays text.
  @Test func hostileTexts() throws {
    let hostile = "</title><script>alert(1)</script><img src=\"http://example.com/x\" onerror='x()'>&amp;\u{1}"
    let (evaluation, data) = try evaluate("../../Sources/CDefaultModel/digits.dnn", as: hostile)
    let page = try ParsedPage(Report([evaluation], on: data, command: [hostile]).html())
    page.expectSound()
    #expect(page.title.hasPrefix("</title><script>alert(1)</script>"))
    #expect(page.elementCounts["script"] == 1)
  }

  private func evaluate(_ path: String, as name: String = "model.dnn") throws -> (ModelEvaluation, EvaluationData) {
    let model = try TestModel(path)
    let data = EvaluationData(name: "noise", part: "test images", model.data(shape: model.classifier.input, count: 60))
    return (try ModelEvaluation(file: name, model.classifier, contents: model.bytes, on: data), data)
  }
}
