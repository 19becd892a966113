import DNNModel
import Foundation
import MNISTInfer
import TestSupport
import Testing

@testable import DNNTrain

/// Networks made from models' files.
@Suite struct ModelImportTests {
  /// As for the runtime against its reference: terms near 1, sums of at most some 1,000 of them, ten layers at most.
  private static let tolerance = 1e-4

  @Test("every value of random networks equals the reference's, the probabilities the runtime's", arguments: 0..<8)
  func randomNetworks(part: Int) throws {
    for seed in part * 25..<(part + 1) * 25 { try compare(randomModel(seed: UInt64(seed)), "seed \(seed)") }
  }

  @Test("a network with a layer of every kind")
  func everyKind() throws { try compare(smallModel(), "the small model") }

  private func compare(_ model: ModelFile, _ which: String) throws {
    // More than a shard.
    let count = 19
    var random = Random(5)
    let pictures = random.bytes(count * model.input.count)
    let expected = try referenceValues(model, pictures)
    let probabilities = try Classifier(bytes: model.encoded(), threads: 1).predict(pictures)
    let probe = try ModelProbe(model)
    #expect(probe.shapes == [model.input] + model.layers.dropLast().map(\.output), "\(which)")
    var seen = 0
    probe.forEachValue(of: pictures) { picture, value, elements in
      #expect(picture == seen / probe.shapes.count && value == seen % probe.shapes.count, "\(which)")
      seen += 1
      let reference = expected[value][picture]
      #expect(elements.count == reference.count, "\(which), value \(value)")
      let difference = zip(elements, reference).reduce(0) { max($0, abs(Double($1.0) - $1.1)) }
      #expect(difference <= Self.tolerance, "\(which), picture \(picture), value \(value)")
      if value == probe.shapes.count - 1 {
        let own = softmax(elements.map(Double.init))
        let runtime = probabilities[picture * own.count..<(picture + 1) * own.count]
        let difference = zip(own, runtime).reduce(0) { max($0, abs($1.0 - Double($1.1))) }
        #expect(difference <= Self.tolerance, "\(which), picture \(picture)")
      }
    }
    #expect(seen == count * probe.shapes.count, "\(which)")
  }

  /// By value of the model and picture.
  private func referenceValues(_ model: ModelFile, _ pictures: [UInt8]) throws -> [[[Double]]] {
    let plan = try NetworkPlan(Architecture(model), input: model.input, selectKernels())
    var reference = ReferenceNetwork(nodes: plan.nodes, input: model.input, parameters: plan.nodes.map { _ in [:] })
    for (index, layer) in model.layers.dropLast().enumerated() {
      guard let weights = layer.weights else { continue }
      let place = try #require(
        (plan.valueOfArchitecture[index]..<plan.valueOfArchitecture[index + 1]).first {
          plan.nodes[$0].specification.isWeightedSum
        })
      reference.parameters[place][.weights] = model.values(ofTensor: weights).map(Double.init)
      reference.parameters[place][.bias] = layer.bias.map { model.values(ofTensor: $0).map(Double.init) }
    }
    let size = model.input.count
    let images = stride(from: 0, to: pictures.count, by: size).map { first in
      let pixels = (0..<size).map { element in
        let (scale, offset) = model.normalisation[element % model.input.channels]
        return Double(pictures[first + element]) * Double(scale) + Double(offset)
      }
      // An activation that does nothing stands as dropout of nothing.
      let factors = (1...plan.nodes.count).map { [Double](repeating: 1, count: plan.shape($0).count) }
      return ReferenceNetwork.Image(pixels: pixels, label: 0, dropoutFactors: factors)
    }
    let values = reference.values(images)
    return plan.valueOfArchitecture.map { values[$0] }
  }

  private func softmax(_ logits: [Double]) -> [Double] {
    let largest = logits.max() ?? 0
    let exponentials = logits.map { exp($0 - largest) }
    return exponentials.map { $0 / exponentials.reduce(0, +) }
  }

  private static let digits = URL(fileURLWithPath: #filePath)
    .appendingPathComponent("../../../Sources/CDefaultModel/digits.dnn").standardizedFileURL.path

  @Test(
    "the built-in model classifies MNIST's test images as the runtime does",
    .enabled(if: SharedData.mnist != nil, "no MNIST: set DNN_DATA to the folder that has mnist/"))
  func digits() throws {
    let path = try #require(SharedData.mnist)
    let test = try #require(try IDXFolder(path: path, classCount: 10).test)
    let data = test.subset(Array(0..<2000))
    let model = try ModelFile(path: Self.digits).dequantized()
    let trainer = try Trainer(continuing: model, options: options(epochs: 1))
    #expect(try Classifier(bytes: model.encoded(), threads: 1).predictedClasses(data) == trainer.predictedClasses(data))
    let accuracy = trainer.accuracy(on: data)
    #expect(accuracy > 0.98, "\(accuracy)")
  }

  private func options(epochs: Int) -> TrainingOptions {
    TrainingOptions(epochs: epochs, batchSize: 40, seed: 1, threads: 2, optimizer: Adam(learningRate: 0.01))
  }

  @Test("read and written again, a model is the same")
  func unchanged() throws {
    let data = bars(count: 40, seed: 4)
    let record = TrainingRecord(
      recipe: nil, data: "", dataSHA256: "", labels: ["a", "b", "c", "d"],
      preparation: Preparation(polarity: .keep, placement: .stretch, boxHeight: 0, boxWidth: 0))
    let text =
      "conv 6 3x3 pad 1 leakyrelu 0.1 as a; conv 6 3x3 pad 1; add a relu; maxpool 2; avgpool 2; dense 12 tanh; dense 4"
    let trainer = try Trainer(
      Architecture(parsing: text), input: Shape(height: 9, width: 9, channels: 1), options: options(epochs: 1))
    let model = try trainer.modelFile(record, heldOut: data)
    let again = try Trainer(continuing: model, options: options(epochs: 1)).modelFile(record, heldOut: data)
    #expect(again.layers.map(\.name) == model.layers.map(\.name))
    #expect(again.layers.map(\.kind) == model.layers.map(\.kind))
    #expect(again.layers.map(\.activation) == model.layers.map(\.activation))
    #expect(again.tensors.map(\.name) == model.tensors.map(\.name))
    #expect(again.tensors.map(\.elements) == model.tensors.map(\.elements))
    #expect(again.normalisation.map(\.scale) == model.normalisation.map(\.scale))
  }

  @Test("a model trained on something else learns to tell the bars apart, int8 weights and all")
  func fineTuning() throws {
    var builder = ModelBuilder(input: Shape(height: 9, width: 9, channels: 1), seed: 3)
    builder.convolution(6, Window(height: 3, width: 3), .relu)
    builder.pool(.maxPool, Window(height: 2, width: 2, strideHeight: 2, strideWidth: 2))
    for outputs in [12, 12] { builder.dense(outputs, .relu) }
    builder.dense(4)
    let model = builder.finish()
    #expect(model.tensors.contains { if case .int8 = $0.elements { true } else { false } })
    let trainer = try Trainer(continuing: model, options: options(epochs: 12))
    let test = bars(count: 200, seed: 12)
    let before = trainer.accuracy(on: test)
    trainer.train(on: bars(count: 600, seed: 10), heldOut: test) { _ in }
    let after = trainer.accuracy(on: test)
    #expect(before < 0.6 && after >= 0.95, "\(before), then \(after)")
  }

  @Test("a model's features serve other classes under a new head")
  func newHead() throws {
    let first = try Trainer(
      Architecture(parsing: "conv 6 3x3 relu; maxpool 2; dense 12 relu; dense 4"),
      input: Shape(height: 9, width: 9, channels: 1), options: options(epochs: 8))
    first.train(on: bars(count: 600, seed: 10), heldOut: bars(count: 50, seed: 11)) { _ in }
    let record = TrainingRecord(
      recipe: nil, data: "bars", dataSHA256: "", labels: ["a", "b", "c", "d"],
      preparation: Preparation(polarity: .lightOnDark, placement: .stretch, boxHeight: 0, boxWidth: 0))
    let model = try first.modelFile(record, heldOut: bars(count: 50, seed: 11))
    // Only whether a bar is straight or slanted.
    func two(_ data: Dataset) -> Dataset {
      Dataset(shape: data.shape, images: data.images, labels: data.labels.map { $0 / 2 })
    }
    var options = options(epochs: 4)
    options.frozenLayers = ["conv", "dense1"]
    let second = try Trainer(continuing: model, newClassCount: 2, options: options)
    second.train(on: two(bars(count: 300, seed: 12)), heldOut: two(bars(count: 50, seed: 13))) { _ in }
    let accuracy = second.accuracy(on: two(bars(count: 200, seed: 14)))
    #expect(accuracy >= 0.95, "\(accuracy)")
    var other = record
    other.labels = ["straight", "slanted"]
    let result = try second.modelFile(other, heldOut: two(bars(count: 50, seed: 13)))
    let features = model.tensors.dropLast(2).map(\.elements)
    #expect(result.tensors.dropLast(2).map(\.elements) == features)
    #expect(result.tensors.last?.dimensions == [2])
    #expect(result.provenance["frozen"] == "conv,dense1")
  }

  @Test func largerThanTrainingAllows() throws {
    var builder = ModelBuilder(input: Shape(height: 400, width: 1, channels: 1), seed: 1)
    builder.convolution(1, Window(height: 400, width: 1))
    #expect(throws: ArchitectureError.self) { try ModelProbe(builder.finish()) }
  }
}
