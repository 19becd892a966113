import TestSupport
import DNNModel
import MNISTInfer

/// Makes an integer model of a float one, as crudely as can be: ranges are those of a few random pictures. For tests of what
/// computes such models, not of how well they classify.
///
/// Activations that an integer model does not fuse become ReLUs, except in layers of their own, which become tables.
func quantized(_ original: ModelFile, seed: UInt64) -> ModelFile {
  var model = original
  var random = Random(seed)
  (model.history, model.selfTest, model.trainingState) = ([], nil, nil)
  let zeroPoint = random.int(0...255)
  model.normalisation = model.normalisation.map { _ in (scale: 1 / 255, offset: -(Float(zeroPoint) * (1 / 255))) }
  for index in model.layers.indices where model.layers[index].kind != .activation {
    if [.leakyRelu, .sigmoid, .tanh].contains(model.layers[index].activation) {
      (model.layers[index].activation, model.layers[index].activationParameter) = (.relu, 0)
    }
  }
  var quantizer = CrudeQuantizer(model, ranges: ranges(of: model, &random))
  return quantizer.run(pictureZeroPoint: zeroPoint)
}

/// A random network of every kind of layer, in integers.
func randomIntegerModel(seed: UInt64) -> ModelFile { quantized(randomModel(seed: seed), seed: seed) }

/// The least and largest number of each value, zero included.
private func ranges(of model: ModelFile, _ random: inout Random) -> [ClosedRange<Double>] {
  let reference = ReferenceNetwork(model: model)
  var ranges = [ClosedRange<Double>](repeating: 0...0, count: model.layers.count + 1)
  for _ in 0..<4 {
    for (index, value) in reference.values(random.bytes(model.input.count)).enumerated() {
      let (low, high) = (value.values.min() ?? 0, value.values.max() ?? 0)
      ranges[index] = min(ranges[index].lowerBound, low)...max(ranges[index].upperBound, high)
    }
  }
  return ranges
}

private struct CrudeQuantizer {
  private let original: ModelFile
  private let ranges: [ClosedRange<Double>]
  private var model: ModelFile

  init(_ original: ModelFile, ranges: [ClosedRange<Double>]) {
    (self.original, self.ranges, model) = (original, ranges, original)
    model.tensors = []
    model.quantization = []
  }

  mutating func run(pictureZeroPoint: Int) -> ModelFile {
    model.quantization = [Quantization(scale: original.normalisation[0].scale, zeroPoint: pictureZeroPoint)]
    for (index, layer) in original.layers.enumerated() {
      let input = model.quantization[layer.inputs[0]]
      switch layer.kind {
      case .convolution, .dense: product(layer, index)
      case .maxPool, .flatten: model.quantization.append(input)
      case .averagePool, .globalAveragePool: model.quantization.append(fitting(ranges[index + 1]))
      case .add:
        let inputs = layer.inputs.map { Double(model.quantization[$0].scale) }
        // A sum that cancels would make its scale so small that no shift leads to it.
        model.quantization.append(fitting(ranges[index + 1], atLeast: inputs.max()! / 64))
      case .activation: table(layer, index, input)
      case .softmax: model.quantization.append(Quantization(scale: 1, zeroPoint: 0))
      }
    }
    return model
  }

  /// A value that is always zero still needs a scale; this one leaves biases in the range of 32 bits.
  private func fitting(_ range: ClosedRange<Double>, atLeast least: Double = 0) -> Quantization {
    let scale = Float(max((range.upperBound - range.lowerBound) / 255, least, 1e-3))
    let zeroPoint = (-range.lowerBound / Double(scale)).rounded()
    return Quantization(scale: scale, zeroPoint: Int(min(max(zeroPoint, 0), 255)))
  }

  private mutating func product(_ layer: LayerDescription, _ index: Int) {
    let input = Double(model.quantization[layer.inputs[0]].scale)
    let weights = original.values(ofTensor: layer.weights!).map { Double($0) }
    let columns = layer.output.channels
    let scales = (0..<columns).map { column in
      let largest = stride(from: column, to: weights.count, by: columns).map { abs(weights[$0]) }.max()!
      return Float(max(largest / 127, 1e-4))
    }
    model.tensors.append(TensorDescription(name: "", dimensions: [columns], values: scales))
    model.tensors.append(
      TensorDescription(
        name: layer.name, dimensions: original.tensors[layer.weights!].dimensions,
        elements: .int8(
          weights.enumerated().map { Int8(($0.element / Double(scales[$0.offset % columns])).rounded()) },
          scales: model.tensors.count - 1)))
    model.layers[index].weights = model.tensors.count - 1
    if let bias = layer.bias {
      let values = original.values(ofTensor: bias).enumerated().map {
        Int32((Double($0.element) / (input * Double(scales[$0.offset]))).rounded())
      }
      model.tensors.append(TensorDescription(name: "", dimensions: [columns], elements: .int32(values)))
      model.layers[index].bias = model.tensors.count - 1
    }
    let readers = original.layers.filter { $0.inputs.contains(index + 1) }
    if readers.count == 1, readers[0].kind == .softmax {
      model.layers[index].activation = .none
      model.layers[index].activationParameter = 0
      model.quantization.append(Quantization(scale: Float(input) * scales.max()!, zeroPoint: 0))
    } else {
      // The factor to the output has to stay below one half.
      model.quantization.append(fitting(ranges[index + 1], atLeast: 2.5 * input * Double(scales.max()!)))
    }
  }

  private mutating func table(_ layer: LayerDescription, _ index: Int, _ input: Quantization) {
    let output = fitting(ranges[index + 1])
    let reference = ReferenceNetwork(model: original)
    let table = (0..<256).map { q in
      let x = Double(input.scale) * Double(q - input.zeroPoint)
      let steps = reference.activate(x, layer) / Double(output.scale)
      return UInt8(min(max(steps.rounded() + Double(output.zeroPoint), 0), 255))
    }
    model.tensors.append(TensorDescription(name: "", dimensions: [256], elements: .uint8(table)))
    model.layers[index].weights = model.tensors.count - 1
    model.quantization.append(output)
  }
}
