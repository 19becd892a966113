import DNNModel
import Foundation
import MNISTInfer
import TestSupport
import Testing

@testable import DNNTrain

@Suite struct FineTuningTests {
  /// Two pixels of 1 and 2, three rectified sums, two logits.
  private static func tinyModel() -> ModelFile {
    var builder = ModelBuilder(input: Shape(height: 1, width: 2, channels: 1), seed: 1)
    builder.dense(3, .relu)
    builder.dense(2)
    var model = builder.finish()
    model.normalisation = [(scale: 1, offset: 0)]
    model.tensors = [
      TensorDescription(name: "w1", dimensions: [2, 3], values: [0.4, 10, 0.5, 0.2, 20, -2]),
      TensorDescription(name: "b1", dimensions: [3], values: [0.1, 0, 0]),
      TensorDescription(name: "w2", dimensions: [3, 2], values: [0.6, -0.2, 0.01, -0.01, 1, 1]),
    ]
    (model.layers[0].weights, model.layers[0].bias) = (0, 1)
    (model.layers[1].weights, model.layers[1].bias) = (2, nil)
    return model
  }

  @Test("the gradient goes past the rounding, but not where values or weights were clipped")
  func straightThrough() throws {
    // Steps of 0.5 in the first two columns leave 0.4 at 0.5, 0.2 at 0 and both large weights as they are, in the third
    // column steps of 0.01 end at 1.27. Values have steps of 0.1 up to 25.5.
    let trainer = try Trainer(
      continuing: Self.tinyModel(), roundings: [1: Quantization(scale: 0.1, zeroPoint: 0)],
      weightScales: [0: [0.5, 0.5, 0.01], 1: [0.25, 0.25]],
      options: TrainingOptions(epochs: 1, batchSize: 1, seed: 1, threads: 1, optimizer: Gradients()))
    let data = Dataset(shape: Shape(height: 1, width: 2, channels: 1), images: [1, 2], labels: [0])
    // The sums are 0.5 + 0.1, 10 + 40 and 0.5 - 2.54: rounded and rectified 0.6, 25.5 for 50, and 0. The second layer's weights
    // are rounded to 0.5 and -0.25, 0 and 0, 1 and 1, so the logits are 0.3 and -0.15.
    let wrong = 1 / (1 + Float(exp(0.45)))
    let loss = trainer.trainStep([0], of: data).loss
    #expect(abs(loss + log(1 - Double(wrong))) < 1e-6)
    let network = trainer.network
    func gradient(_ role: Parameter.Role, _ layer: Int) -> [Float] {
      network.elements(role, ofNode: layer, trainer.optimizerState.start)
    }
    // Of the logits: -wrong and wrong.
    func expect(_ actual: [Float], _ factors: [Float], _ what: String) {
      #expect(actual.count == factors.count, "\(what)")
      for (index, factor) in factors.enumerated() {
        #expect(abs(actual[index] - wrong * factor) < 1e-6, "\(what) \(index): \(actual[index])")
      }
    }
    expect(gradient(.weights, 1), [-0.6, 0.6, -25.5, 25.5, 0, 0], "second weights")
    expect(gradient(.bias, 1), [-1, 1], "second bias")
    // Of the first sum: -0.5 - 0.25. The second is clipped, though its weights from there are 0 as well; the third is below 0.
    expect(gradient(.bias, 0), [-0.75, 0, 0], "first bias")
    expect(gradient(.weights, 0), [-0.75, 0, 0, -1.5, 0, 0], "first weights")
    // What the optimizer moves are not the rounded weights.
    #expect(network.elements(.weights, ofNode: 0, trainer.parameters.start) == [0.4, 10, 0.5, 0.2, 20, -2])
  }

  @Test("clipped values and weights have no gradient of their own")
  func clipped() throws {
    var model = Self.tinyModel()
    // Now the second sum counts, and the third is above 0 with its second weight clipped: 0.5 × 1 + 1.27 × 2.
    model.tensors[0].elements = .float32([0.4, 10, 0.5, 0.2, 20, 2])
    model.tensors[2].elements = .float32([0, 0, 1, -1, 1, -1])
    for (scale, isClipped) in [(Float(0.1), true), (0.25, false)] {
      let trainer = try Trainer(
        continuing: model, roundings: [1: Quantization(scale: scale, zeroPoint: 0)],
        weightScales: [0: [0.5, 0.5, 0.01], 1: [1, 1]],
        options: TrainingOptions(epochs: 1, batchSize: 1, seed: 1, threads: 1, optimizer: Gradients()))
      let data = Dataset(shape: Shape(height: 1, width: 2, channels: 1), images: [1, 2], labels: [1])
      _ = trainer.trainStep([0], of: data)
      let gradient = trainer.network.elements(.weights, ofNode: 0, trainer.optimizerState.start)
      // The logits are so far apart that the gradient of the first is 1, of the second -1: 2 for each sum.
      #expect(gradient == [0, isClipped ? 0 : 2, 2, 0, isClipped ? 0 : 4, 0], "scale \(scale): \(gradient)")
    }
  }

  /// Images of three pixels, of which the first is black and the others tell the class, and a network that sees it; but the
  /// weight of the first pixel takes up the whole range of 8-bit weights.
  private static func badlyScaled() -> (model: ModelFile, data: Dataset) {
    var builder = ModelBuilder(input: Shape(height: 1, width: 3, channels: 1), seed: 3)
    builder.dense(2)
    var model = builder.finish()
    model.tensors = [
      TensorDescription(name: "weights", dimensions: [3, 2], values: [1000, 1000, 1, -1, -1, 1])
    ]
    (model.layers[0].weights, model.layers[0].bias) = (0, nil)
    var random = Random(4)
    let labels = (0..<100).map { _ in random.int(0...1) }
    let images: [UInt8] = labels.flatMap { $0 == 0 ? [0, 200, 100] : [0, 100, 200] }
    return (model, Dataset(shape: model.input, images: images, labels: labels))
  }

  private static func quantize(
    _ model: ModelFile, _ data: Dataset, threads: Int = 1, weightsOnly: Bool = false, _ fineTuning: FineTuning?
  ) throws -> QuantizedModel {
    try Quantizer(
      model, training: data, heldOut: data,
      options: QuantizationOptions(weightsOnly: weightsOnly, threads: threads, fineTuning: fineTuning)
    ).quantize()
  }

  @Test("training recovers what rounding lost", arguments: [false, true])
  func recovery(weightsOnly: Bool) throws {
    let (model, data) = Self.badlyScaled()
    let before = try Self.quantize(model, data, weightsOnly: weightsOnly, nil)
    #expect(before.report.drop > 20 && before.report.fineTunedEpoch == nil)
    #expect(before.file.provenance["quantization.fine-tuning"] == nil)
    let after = try Self.quantize(
      model, data, weightsOnly: weightsOnly, FineTuning(epochs: 40, learningRate: 0.2))
    #expect(after.report.accuracy.after.value == 1)
    let epoch = try #require(after.report.fineTunedEpoch)
    #expect(after.file.provenance["quantization.fine-tuning"] == "epoch \(epoch) of 40, learning rate 0.2")
    // The file is what was measured.
    let classes = try Classifier(bytes: after.file.encoded(), threads: 1).predictedClasses(data)
    #expect(data.accuracy(of: classes) == 1)
    #expect(after.file.quantization.isEmpty == weightsOnly)
  }

  @Test("a training that ruins the network changes nothing")
  func ruin() throws {
    var (model, data) = Self.badlyScaled()
    model.tensors[0].elements = .float32([1, 1, 1, -1, -1, 1])
    // Trained towards the wrong classes.
    let inverted = Dataset(shape: data.shape, images: data.images, labels: data.labels.map { 1 - $0 })
    func quantized(_ fineTuning: FineTuning?) throws -> QuantizedModel {
      try Quantizer(
        model, training: inverted, heldOut: data, options: QuantizationOptions(threads: 1, fineTuning: fineTuning)
      ).quantize()
    }
    let tuned = try quantized(FineTuning(epochs: 3, learningRate: 1))
    #expect(tuned.report.fineTunedEpoch == nil)
    #expect(try tuned.file.encoded() == quantized(nil).file.encoded())
  }

  @Test("one and two threads give the same file; layers of every kind")
  func determinism() throws {
    let model = smallModel()
    var random = Random(6)
    let data = Dataset(
      shape: model.input, images: random.bytes(100 * model.input.count),
      labels: (0..<100).map { _ in random.int(0...2) })
    var source = model
    source.normalisation = [(scale: 1 / 255, offset: 0)]
    source.selfTest = nil
    let fineTuning = FineTuning(epochs: 2, learningRate: 0.01)
    let files = try (1...2).map { try Self.quantize(source, data, threads: $0, fineTuning).file }
    #expect(files[0].provenance["quantization.fine-tuning"] != nil, "nothing was learned, and this test shows little")
    #expect(try files[0].encoded() == files[1].encoded())
  }
}

/// Leaves the parameters alone and their gradient in its state.
private struct Gradients: Optimizer {
  let learningRate: Float = 1
  let name = "gradients"
  let stateCount = 1

  func update(
    _ parameters: UnsafeMutablePointer<Float>, gradient: UnsafePointer<Float>, state: UnsafeMutablePointer<Float>,
    stateStride: Int, count: Int, step: Int, learningRate: Float
  ) {
    state.update(from: gradient, count: count)
  }
}
