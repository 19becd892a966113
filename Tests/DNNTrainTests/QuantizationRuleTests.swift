import DNNModel
import MNISTInfer
import TestSupport
import Testing

@testable import DNNTrain

/// What the format asks of integer models, for networks of every kind, sound and degenerate. `encoded()` has the runtime's
/// reader check each file.
@Suite struct QuantizationRuleTests {
  private static func data(_ shape: Shape, classes: Int, count: Int, seed: UInt64) -> Dataset {
    var random = Random(seed)
    return Dataset(
      shape: shape, images: random.bytes(count * shape.count),
      labels: (0..<count).map { _ in random.int(0...classes - 1) })
  }

  private static func quantize(_ model: ModelFile) throws -> QuantizedModel {
    let classes = model.labels.count
    return try Quantizer(
      model, training: data(model.input, classes: classes, count: 12, seed: 1),
      heldOut: data(model.input, classes: classes, count: 5, seed: 2), options: QuantizationOptions(threads: 1)
    ).quantize()
  }

  private static func error(_ model: ModelFile) -> QuantizationError? {
    do {
      _ = try quantize(model)
      return nil
    } catch { return error as? QuantizationError }
  }

  /// With a picture that the format can express.
  private static func model(seed: UInt64) -> ModelFile {
    var model = randomModel(seed: seed)
    let zeroPoint = Float(seed % 256)
    model.normalisation = model.normalisation.map { _ in (scale: 1 / 255, offset: -(zeroPoint * (1 / 255))) }
    return model
  }

  /// Enough for every kind of layer and activation, which the next test counts.
  private static let randomCount = 24

  @Test(
    "numbers at the ends of float32 make a model or an error", arguments: [0, 0x1p-126, 1e-30, 1e30, 3e38] as [Float])
  func extremes(size: Float) throws {
    for (scale, weightsOnly) in [(0x1p-126, false), (1, false), (0x1p127, false), (1, true)] as [(Float, Bool)] {
      var model = smallModel()
      model.normalisation = [(scale: scale, offset: 0)]
      for index in model.tensors.indices {
        guard case .float32(let values) = model.tensors[index].elements, values.contains(where: { $0 < 0 }) else {
          continue
        }
        model.tensors[index].elements = .float32(values.map { $0 < 0 ? -size : size })
      }
      let data = Self.data(model.input, classes: 3, count: 4, seed: 1)
      do {
        let options = QuantizationOptions(weightsOnly: weightsOnly, threads: 1)
        let file = try Quantizer(model, training: data, heldOut: data, options: options).quantize().file
        #expect(try file.encoded().count > 0)
      } catch {
        #expect("\(error)" != "", "weights of \(size), pictures in steps of \(scale)")
      }
    }
  }

  @Test("random networks become integer models that are near them", arguments: 0..<4)
  func randomNetworks(part: Int) throws {
    for seed in stride(from: part, to: Self.randomCount, by: 4) {
      let model = Self.model(seed: UInt64(seed))
      let file = try Self.quantize(model).file
      #expect(file.quantization.count == file.layers.count + 1, "seed \(seed)")
      #expect(file.quantization[0] == Quantization(scale: 1 / 255, zeroPoint: seed), "seed \(seed)")
      for (index, layer) in file.layers.enumerated() where layer.activation == .relu || layer.activation == .clippedRelu
      {
        #expect(file.quantization[index + 1].zeroPoint == 0, "seed \(seed), layer \(index)")
      }
      let pictures = Self.data(model.input, classes: 2, count: 8, seed: 3).images
      let expected = try Classifier(bytes: model.encoded(), threads: 1).predict(pictures)
      let actual = try Classifier(bytes: file.encoded(), threads: 1).predict(pictures)
      // Random weights, so that probabilities are far from 0 and 1 and every error of a logit is seen.
      let largest = zip(expected, actual).reduce(0) { max($0, abs($1.0 - $1.1)) }
      #expect(largest < 0.05, "seed \(seed)")
    }
  }

  @Test("the random networks have layers of every kind and with every activation")
  func coverage() {
    let layers = (0..<Self.randomCount).flatMap { Self.model(seed: UInt64($0)).layers }
    for number in 0..<LayerKind.count {
      #expect(layers.contains { $0.kind.rawValue == number }, "\(LayerKind(rawValue: number)!)")
    }
    for activation in [Activation.none, .relu, .leakyRelu, .clippedRelu, .sigmoid, .tanh] {
      #expect(
        layers.contains { $0.activation == activation && $0.kind != .activation }, "\(activation) in another layer")
    }
  }

  @Test("activations that integers cannot apply become tables, also behind the logits")
  func tables() throws {
    var builder = ModelBuilder(input: Shape(height: 4, width: 4, channels: 1), seed: 1)
    builder.dense(6, .leakyRelu)
    builder.dense(6, .sigmoid)
    builder.activate(.tanh)
    builder.dense(3, .relu)
    let file = try Self.quantize(builder.finish()).file
    #expect(
      file.layers.map(\.kind) == [.dense, .activation, .dense, .activation, .activation, .dense, .activation, .softmax])
    #expect(file.layers.map(\.activation) == [.none, .leakyRelu, .none, .sigmoid, .tanh, .none, .relu, .none])
    for (index, layer) in file.layers.enumerated() where layer.kind == .activation {
      guard let weights = layer.weights, case .uint8(let table) = file.tensors[weights].elements else {
        Issue.record("layer \(index) has no table")
        continue
      }
      // All of these functions rise.
      #expect(zip(table, table.dropFirst()).allSatisfy { $0 <= $1 } && table[0] < table[255], "layer \(index)")
    }
  }

  @Test func copiesKeepScales() throws {
    var builder = ModelBuilder(input: Shape(height: 8, width: 8, channels: 1), seed: 5)
    builder.pool(.maxPool, Window(height: 2, width: 2))
    builder.convolution(5, Window(height: 2, width: 2))
    builder.pool(.maxPool, Window(height: 2, width: 2))
    builder.flatten()
    builder.activate(.relu)
    builder.dense(3)
    let values = try Self.quantize(builder.finish()).file.quantization
    #expect(values[0] == values[1])
    #expect(values[2] == values[3] && values[3] == values[4])
    #expect(values[4] != values[5])
  }

  @Test(
    "weights and biases whose sums leave float32", arguments: [(Float(3e38), Float(0)), (0.1, -3e38), (3e38, 3e38)])
  func tooLarge(weight: Float, bias: Float) throws {
    for isLogits in [true, false] {
      var builder = ModelBuilder(input: Shape(height: 4, width: 4, channels: 1), seed: 1)
      builder.dense(3)
      if !isLogits { builder.dense(2) }
      var model = builder.finish()
      let layer = try #require(model.layers.firstIndex { $0.kind == .dense })
      model.tensors.append(
        TensorDescription(name: "w", dimensions: [16, 3], values: Array(repeating: weight, count: 48)))
      model.layers[layer].weights = model.tensors.count - 1
      model.tensors.append(TensorDescription(name: "b", dimensions: [3], values: [bias, 0, -bias]))
      model.layers[layer].bias = model.tensors.count - 1
      let error = Self.error(withoutUnused(model))
      let name = model.layers[layer].title(layer)
      #expect(
        error == .tooLarge(layer: name) || error == .notFinite(layer: name),
        "\(weight), \(bias), \(isLogits): \(error.map { "\($0)" } ?? "none")")
    }
  }

  @Test("layers that are dead, huge, tiny, or nothing but bias")
  func degenerate() throws {
    for kind in 0..<5 {
      var builder = ModelBuilder(input: Shape(height: 5, width: 5, channels: 1), seed: 3)
      builder.convolution(4, Window(height: 3, width: 3), .relu)
      builder.convolution(4, Window(height: 2, width: 2), .relu)
      builder.globalAveragePool()
      builder.dense(3)
      var model = builder.finish()
      for index in [0, 1] {
        let layer = model.layers[index]
        var (weights, bias) = (model.weights(ofLayer: index), model.bias(ofLayer: index))
        switch kind {
        case 0: bias = bias.map { _ in -1000 }
        case 1: (weights, bias) = (weights.map { _ in 0 }, bias.map { _ in 0 })
        case 2: (weights, bias) = (weights.map { _ in 0 }, bias.map { _ in 3 })
        case 3: weights = weights.enumerated().map { $0.offset % 4 == 0 ? $0.element * 1e-20 : $0.element }
        default: weights = weights.map { $0 * 1e6 }
        }
        model.tensors.append(
          TensorDescription(name: "w\(index)", dimensions: model.tensors[layer.weights!].dimensions, values: weights))
        model.layers[index].weights = model.tensors.count - 1
        model.tensors.append(TensorDescription(name: "b\(index)", dimensions: [4], values: bias))
        model.layers[index].bias = model.tensors.count - 1
      }
      model = withoutUnused(model)
      let file = try Self.quantize(model).file
      let pictures = Self.data(model.input, classes: 2, count: 8, seed: 3).images
      let expected = try Classifier(bytes: model.encoded(), threads: 1).predict(pictures)
      let actual = try Classifier(bytes: file.encoded(), threads: 1).predict(pictures)
      #expect(zip(expected, actual).allSatisfy { abs($0 - $1) < 0.05 }, "kind \(kind)")
    }
  }

  @Test("sums of many large weights stay within 32 bits")
  func largestSums() throws {
    var builder = ModelBuilder(input: Shape(height: 300, width: 300, channels: 1), seed: 3)
    builder.dense(2, .relu)
    builder.dense(2)
    var model = builder.finish()
    let weights = model.layers[0].weights!
    model.tensors[weights].elements = .float32(Array(repeating: 0.01, count: 180_000))
    let file = try Self.quantize(withoutUnused(model)).file
    guard case .int8(let elements, _) = file.tensors[file.layers[0].weights!].elements else { return }
    // 90,000 times 255 times 127 would not fit.
    #expect(elements[0] > 30 && elements[0] < 94, "\(elements[0])")
  }

  @Test func refusals() throws {
    let shape = Shape(height: 6, width: 5, channels: 1)
    var model = smallModel()
    #expect(Self.error(model) == nil)
    model.normalisation = [(scale: -1, offset: 0)]
    #expect(Self.error(model) == .negativePictureScale(-1))
    model.normalisation = [(scale: 0.5, offset: -1.25)]
    #expect(Self.error(model) == .pictureZeroPoint(2.5))
    model.normalisation = [(scale: 0.5, offset: 1)]
    #expect(Self.error(model) == .pictureZeroPoint(-2))
    model.normalisation = [(scale: 0.5, offset: -128)]
    #expect(Self.error(model) == .pictureZeroPoint(256))
    model.normalisation = [(scale: 0.5, offset: -1)]
    let file = try Self.quantize(model).file
    #expect(file.quantization[0] == Quantization(scale: 0.5, zeroPoint: 2))
    #expect(Self.error(file) == .alreadyInteger)
    var colour = ModelBuilder(input: Shape(height: 2, width: 2, channels: 2), seed: 1)
    colour.dense(2)
    #expect(Self.error(colour.finish()) == .channelsDiffer)
    let other = Self.data(Shape(height: 5, width: 6, channels: 1), classes: 3, count: 5, seed: 1)
    #expect(throws: QuantizationError.otherShape(model: shape, data: other.shape)) {
      try Quantizer(model, training: other, heldOut: other, options: QuantizationOptions(threads: 1))
    }
  }

  @Test("what 8 bits cannot express shows in the report")
  func drop() throws {
    var builder = ModelBuilder(input: Shape(height: 1, width: 3, channels: 1), seed: 3)
    builder.dense(2)
    var model = builder.finish()
    // The weight of a pixel that is always black takes up the whole range of its column's numbers.
    model.tensors = [
      TensorDescription(name: "weights", dimensions: [3, 2], values: [1000, 1000, 1, -1, -1, 1])
    ]
    (model.layers[0].weights, model.layers[0].bias) = (0, nil)
    var random = Random(4)
    let labels = (0..<100).map { _ in random.int(0...1) }
    let images: [UInt8] = labels.flatMap { $0 == 0 ? [0, 200, 100] : [0, 100, 200] }
    let data = Dataset(shape: model.input, images: images, labels: labels)
    let report = try Quantizer(
      model, training: data, heldOut: data, options: QuantizationOptions(threads: 1)
    ).quantize().report
    #expect(report.accuracy.before.value == 1)
    // Every picture is taken for the same class, which all pictures of the other lose by.
    let (first, second) = (labels.count { $0 == 0 }, labels.count { $0 == 1 })
    #expect([first, second].contains(report.accuracy.lost) && report.accuracy.gained == 0)
    #expect(abs(report.drop - Double(report.accuracy.lost)) < 1e-9, "of 100 images, each is a point")
  }

  @Test func overflowingValues() throws {
    var builder = ModelBuilder(input: Shape(height: 5, width: 5, channels: 1), seed: 3)
    for _ in 0..<2 { builder.dense(4) }
    var model = builder.finish()
    for index in model.layers.indices.dropLast() {
      let weights = model.layers[index].weights!
      let count = model.values(ofTensor: weights).count
      model.tensors[weights].elements = .float32(Array(repeating: 3e38, count: count))
    }
    #expect(Self.error(withoutUnused(model)) == .notFinite(layer: "0"))
  }
}

/// The format wants every tensor to be used.
private func withoutUnused(_ model: ModelFile) -> ModelFile {
  var result = model
  result.tensors = []
  for index in model.layers.indices {
    for path in [\LayerDescription.weights, \LayerDescription.bias] {
      guard let tensor = model.layers[index][keyPath: path] else { continue }
      var copy = model.tensors[tensor]
      copy.elements = .float32(model.values(ofTensor: tensor))
      result.tensors.append(copy)
      result.layers[index][keyPath: path] = result.tensors.count - 1
    }
  }
  return result
}
