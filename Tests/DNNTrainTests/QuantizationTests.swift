import DNNModel
import Foundation
import MNISTInfer
import Testing

@testable import DNNTrain

/// A network that tells the bars apart.
private func trainedModel(_ architecture: String, epochs: Int = 10) throws -> ModelFile {
  let (training, heldOut) = (bars(count: 400, seed: 10), bars(count: 100, seed: 11))
  let trainer = try Trainer(
    Architecture(parsing: architecture), input: training.shape,
    options: TrainingOptions(epochs: epochs, batchSize: 50, seed: 1, threads: 2, optimizer: Adam(learningRate: 0.01)))
  trainer.train(on: training, heldOut: heldOut) { _ in }
  let record = TrainingRecord(
    recipe: nil, data: "bars", dataSHA256: "none", labels: ["lying", "standing", "falling", "rising"],
    preparation: Preparation(polarity: .lightOnDark, placement: .stretch, boxHeight: 0, boxWidth: 0))
  return try trainer.modelFile(record, heldOut: heldOut)
}

private func quantizer(
  _ model: ModelFile, weightsOnly: Bool = false, seed: UInt64 = 1, threads: Int = 2
) throws -> Quantizer {
  try Quantizer(
    model, training: bars(count: 100, seed: 10), heldOut: bars(count: 60, seed: 11),
    options: QuantizationOptions(weightsOnly: weightsOnly, seed: seed, threads: threads))
}

private let plain = "conv 6 3x3 relu; maxpool 2; flatten; dense 12 relu; dense 4"

/// One with every kind of layer that quantization treats in its own way.
private let architectures = [
  plain,
  "conv 6 3x3 pad 1 relu as a; conv 6 3x3 pad 1; add a relu; avgpool 3; dense 4",
  "conv 6 3x3 leakyrelu 0.1; maxpool 2; dense 8 tanh; dense 8 sigmoid; dense 4",
  "conv 8 3x3 relu6; depthwise 3x3 relu; conv 8 1x1 leakyrelu -0.5; globalavgpool; dense 4",
  "conv 8 3x3 pad 1; batchnorm relu; conv 8 3x3 stride 2; batchnorm relu; dense 4",
  "conv 6 3x3 relu; conv 4 3x3; globalavgpool",
]

@Suite struct QuantizationTests {
  @Test(
    "a trained network keeps its predictions; the simulation is what the runtime computes", arguments: architectures)
  func predictions(architecture: String) throws {
    let model = try trainedModel(architecture)
    let data = bars(count: 400, seed: 12)
    let before = try Classifier(bytes: model.encoded(), threads: 1).predictedClasses(data)
    #expect(data.accuracy(of: before) > 0.75, "the training failed, and this test shows nothing")
    for weightsOnly in [false, true] {
      let quantizer = try quantizer(model, weightsOnly: weightsOnly)
      let file = try quantizer.quantize().file
      let after = try Classifier(bytes: file.encoded(), threads: 1).predictedClasses(data)
      // Errors of a few parts in a thousand of the logits change the class of few pictures.
      let differing = zip(before, after).count { $0 != $1 }
      #expect(differing <= 8, "\(differing) of 400 images")
      #expect(file.quantization.isEmpty == weightsOnly)
      #expect(file.tensors.contains { if case .int8 = $0.elements { true } else { false } })
      try compareSimulation(of: quantizer, with: file)
    }
  }

  private func compareSimulation(of quantizer: Quantizer, with file: ModelFile) throws {
    let data = bars(count: 64, seed: 13)
    let probabilities = try Classifier(bytes: file.encoded(), threads: 1).predict(data.images)
    let temperature = file.provenance["quantization.temperature"].flatMap { Float($0) } ?? 1
    var (sum, largest) = (0.0, 0.0)
    for shard in 0..<data.count / shardSize {
      quantizer.simulation.run(shard * shardSize..<(shard + 1) * shardSize, of: data, worker: 0)
      for place in 0..<shardSize {
        let logits = quantizer.simulation.elements(.logits, ofImage: place, worker: 0)
        let runtime = probabilities[(shard * shardSize + place) * 4..<(shard * shardSize + place + 1) * 4]
        for (expected, actual) in zip(softmax(logits.map { $0 / temperature }), runtime) {
          sum += abs(expected - Double(actual))
          largest = max(largest, abs(expected - Double(actual)))
        }
      }
    }
    // Where a sum lies halfway between two 8-bit numbers, float32 may round to the other one. Few do, and one number of one
    // value then changes by one step in 256.
    #expect(sum / Double(probabilities.count) < 1e-4, "on average")
    #expect(largest < 0.01, "at most")
  }

  @Test("one seed, one file, for any number of threads; another seed, another file")
  func determinism() throws {
    let model = try trainedModel(architectures[1], epochs: 2)
    let file = try quantizer(model, threads: 1).quantize().file.encoded()
    for threads in 2...3 {
      #expect(try quantizer(model, threads: threads).quantize().file.encoded() == file, "\(threads) threads")
    }
    // Half of the images are looked at, so that the seed decides which.
    let small = try trainedModel("maxpool 3; dense 4 relu; dense 4", epochs: 1)
    func sampled(seed: UInt64) throws -> [UInt8] {
      var file = try Quantizer(
        small, training: bars(count: 2 * Quantizer.calibrationCount, seed: 10), heldOut: bars(count: 20, seed: 11),
        options: QuantizationOptions(seed: seed, threads: 2)
      ).quantize().file
      file.provenance = [:]
      return try file.encoded()
    }
    #expect(try sampled(seed: 1) != sampled(seed: 2))
  }

  @Test("labels, preparation and provenance are the source's, the self-test is exact")
  func descriptions() throws {
    var model = try trainedModel(plain, epochs: 1)
    model.metadata = ["note": "kept"]
    model.trainingState = [1, 2, 3]
    let quantized = try quantizer(model).quantize()
    let file = try ModelFile(decoding: quantized.file.encoded())
    #expect(file.labels == model.labels && file.metadata == model.metadata && file.trainingState == nil)
    #expect(file.preparation.polarity == .lightOnDark)
    #expect(file.history == model.history && !file.history.isEmpty)
    for (key, value) in model.provenance { #expect(file.provenance[key] == value, "\(key)") }
    #expect(file.provenance["quantization"] == "int8, 100 images, seed 1")
    #expect(file.provenance["quantization.accuracy"] == "\(quantized.report.accuracy.after.value)")
    let test = try #require(file.selfTest)
    #expect(test.tolerance == 0)
    #expect(try Classifier(bytes: file.encoded(), threads: 1).predict(test.pictures) == test.probabilities)
    #expect(try quantized.report.bytesAfter == quantized.file.encoded().count)
    model.trainingState = nil
    #expect(try quantized.report.bytesBefore == model.encoded().count)
  }

  @Test("dequantized, a model gives nearly the same and trains on", arguments: [architectures[0], architectures[2]])
  func dequantization(architecture: String) throws {
    let model = try trainedModel(architecture)
    let integers = try quantizer(model).quantize().file
    let floats = integers.dequantized()
    #expect(floats.quantization.isEmpty && floats.selfTest == nil)
    let names = Set(integers.tensors.map(\.name)).filter { $0.hasSuffix(".weights") || $0.hasSuffix(".bias") }
    #expect(Set(floats.tensors.map(\.name)) == names)
    #expect(floats.tensors.allSatisfy { if case .float32 = $0.elements { true } else { false } })
    // Every number is within half a step of the trained one's, but for corrections of biases.
    let data = bars(count: 400, seed: 12)
    let expected = try Classifier(bytes: integers.encoded(), threads: 1).predict(data.images)
    let actual = try Classifier(bytes: floats.encoded(), threads: 1).predict(data.images)
    let differences = zip(actual, expected).map { abs($0 - $1) }
    #expect(differences.reduce(0, +) / Float(differences.count) < 0.01, "on average")

    let options = TrainingOptions(epochs: 1, batchSize: 50, seed: 1, threads: 1, optimizer: Adam(learningRate: 0.01))
    let continued = try Trainer(continuing: integers, options: options).modelFile(
      TrainingRecord(
        recipe: nil, data: "bars", dataSHA256: "none", labels: model.labels, preparation: model.preparation),
      heldOut: data.subset([0]))
    #expect(try Classifier(bytes: continued.encoded(), threads: 1).predict(data.images) == actual)
    var largest: Float = 0
    let probe = try ModelProbe(integers)
    probe.forEachValue(of: data.images) { picture, value, elements in
      guard value == probe.shapes.count - 1 else { return }
      for (index, probability) in softmax(Array(elements)).enumerated() {
        largest = max(largest, abs(Float(probability) - actual[4 * picture + index]))
      }
    }
    #expect(largest < 1e-5, "the probe's logits give other probabilities")
  }

  @Test("bias correction takes away the mean errors of the sums")
  func biasCorrection() throws {
    let quantizer = try quantizer(trainedModel(plain))
    _ = try quantizer.quantize()
    for (layer, product) in quantizer.products {
      let channels = Double(product.scales.count)
      func meanError(_ bias: [Float]) -> Double {
        var changed = product
        changed.bias = bias
        quantizer.apply(changed, toLayer: layer)
        return quantizer.meanErrors(ofLayer: layer).reduce(0) { $0 + abs($1) } / channels
      }
      let source = quantizer.network.bias(ofLayer: layer)
      let before = meanError(source)
      // Measured with the source's bias, the errors are what has to be taken off it.
      quantizer.apply(product, toLayer: layer)
      let errors = zip(product.bias, quantizer.meanErrors(ofLayer: layer)).map { Float(Double($0) - $1) }
      let after = meanError(errors)
      #expect(after < before / 10, "layer \(layer): \(before), then \(after)")
      quantizer.apply(product, toLayer: layer)
    }
  }

  @Test("the report agrees with what it reports on")
  func report() throws {
    let quantizer = try quantizer(trainedModel(architectures[1]))
    let quantized = try quantizer.quantize()
    let (layers, file) = (quantized.report.layers, quantized.file)
    #expect(layers.map(\.name) == file.layers.dropLast().map(\.name))
    for (index, layer) in layers.enumerated() {
      let value = file.quantization[index + 1]
      // All but the int32 logits have a range.
      #expect((layer.range == nil) == (index == layers.count - 1), "\(layer.name)")
      #expect(
        layer.range == nil
          || layer.range == [value.scale * Float(-value.zeroPoint), value.scale * Float(255 - value.zeroPoint)])
      #expect((layer.weightScaling != nil) == (file.layers[index].weights != nil), "\(layer.name)")
      // Rounding to 8 bits leaves some 6 dB for each bit in use.
      let ratio = try #require(layer.signalToNoise)
      #expect((15...60).contains(ratio), "\(layer.name): \(ratio)")
    }
    let heldOut = bars(count: 60, seed: 11)
    let classes = try Classifier(bytes: file.encoded(), threads: 1).predictedClasses(heldOut)
    #expect(quantized.report.accuracy.after.value == heldOut.accuracy(of: classes))
  }
}

func softmax(_ logits: [Float]) -> [Double] {
  let largest = Double(logits.max() ?? 0)
  let powers = logits.map { exp(Double($0) - largest) }
  return powers.map { $0 / powers.reduce(0, +) }
}
