import DNNModel
import DNNReport
import DNNTrain
import Foundation
import MNISTInfer
import Testing

@Suite struct ModelEvaluationTests {
  /// A float model and an integer one: what the runtime answers is what is measured.
  @Test(arguments: ["../../Sources/CDefaultModel/digits.dnn", "../MNISTInferTests/Golden/valid/integer-picture.dnn"])
  func measuresTheRuntimesAnswers(file: String) throws {
    let model = try TestModel(file)
    let data = model.data(shape: model.classifier.input)
    let evaluation = try ModelEvaluation(
      file: file, model.classifier, contents: model.bytes, on: EvaluationData(name: "noise", part: "test images", data))
    let size = data.shape.count
    for image in 0..<data.count {
      let probabilities = try model.classifier.predict(Array(data.images[image * size..<(image + 1) * size]))
      let measured = model.classifier.labels.indices.map { evaluation.predictions.probability(of: $0, image: image) }
      #expect(measured == probabilities, "\(file), image \(image)")
    }
    #expect(evaluation.metrics.count == data.count)
    #expect(evaluation.bytes == model.bytes.count)
    #expect(evaluation.parameters > 0)
    #expect(evaluation.imagesPerSecond > 0)
  }

  @Test func imagesOfAnotherSize() throws {
    let model = try TestModel("../../Sources/CDefaultModel/digits.dnn")
    let data = model.data(shape: Shape(height: 28, width: 27, channels: 1))
    #expect(throws: EvaluationError.shapesDiffer(file: "m", model: [28, 28, 1], data: [28, 27, 1])) {
      try ModelEvaluation(
        file: "m", model.classifier, contents: model.bytes, on: EvaluationData(name: "d", part: "test images", data))
    }
  }

  /// A confusion matrix of as many classes as the format allows would not fit in memory.
  @Test func moreClassesThanLabelsCanName() throws {
    let (input, output) = (Shape(height: 1, width: 1, channels: 1), Shape(count: 257))
    var dense = LayerDescription(.dense, inputs: [0], output: output)
    dense.weights = 0
    let weights = TensorDescription(name: "", dimensions: [1, 257], values: [Float](repeating: 0, count: 257))
    let file = ModelFile(
      input: input, layers: [dense, LayerDescription(.softmax, inputs: [1], output: output)], tensors: [weights],
      labels: (0..<257).map { "\($0)" },
      preparation: Preparation(polarity: .keep, placement: .stretch, boxHeight: 0, boxWidth: 0),
      normalisation: [(scale: 1, offset: 0)])
    let bytes = try file.encoded()
    let classifier = try Classifier(bytes: bytes)
    let data = EvaluationData(name: "d", part: "test images", Dataset(shape: input, images: [0], labels: [0]))
    #expect(throws: EvaluationError.tooManyClasses(file: "m", classCount: 257)) {
      try ModelEvaluation(file: "m", classifier, contents: bytes, on: data)
    }
  }
}

/// A model's file beside this one.
struct TestModel {
  let bytes: [UInt8]
  let classifier: Classifier

  init(_ path: String) throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    bytes = try Array(Data(contentsOf: folder.appendingPathComponent(path)))
    classifier = try Classifier(bytes: bytes, threads: 1)
  }

  /// Noise, with the model's classes in turn.
  func data(shape: Shape, count: Int = 20) -> Dataset {
    let images = (0..<count * shape.count).map { UInt8(truncatingIfNeeded: ($0 &* 2_654_435_761) >> 13) }
    return Dataset(shape: shape, images: images, labels: (0..<count).map { $0 % classifier.labels.count })
  }
}
