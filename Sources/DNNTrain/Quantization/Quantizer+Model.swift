import DNNModel
import Glibc
import MNISTInfer

extension Quantizer {
  /// The quantized network, with labels and preparation.
  func quantizedNetwork() -> ModelFile {
    var model = ModelFile(
      input: source.input, layers: network.layers, tensors: [], labels: source.labels,
      preparation: source.preparation, normalisation: source.normalisation)
    if graph != nil {
      model.quantization = network.layers.indices.map { index in valueQuantization(index) }
      model.quantization.append(Quantization(scale: 1, zeroPoint: 0))
      // The reader wants the offset to be this very product.
      let picture = model.quantization[0]
      model.normalisation = source.normalisation.map { _ in
        (scale: picture.scale, offset: -(Float(picture.zeroPoint) * picture.scale))
      }
    }
    for index in model.layers.indices {
      if model.layers[index].hasWeights {
        writeProduct(index, to: &model)
      } else if model.layers[index].kind == .activation, graph != nil {
        writeTable(index, to: &model)
      }
    }
    return model
  }

  /// Of any value but the probabilities.
  private func valueQuantization(_ value: Int) -> Quantization {
    if let quantization = quantization(ofValue: value) { return quantization }
    // The int32 logits: no finer than the sums of the column with the coarsest ones, and within what the softmax can scale.
    let layer = value - 1
    let input = quantizations[graph?.owners[network.layers[layer].inputs[0]] ?? 0]?.scale ?? 1
    let scale = input * (products[layer]?.scales.max() ?? 1)
    return Quantization(scale: min(max(scale, logitScales.lowerBound), logitScales.upperBound), zeroPoint: 0)
  }

  private func writeProduct(_ index: Int, to model: inout ModelFile) {
    let layer = network.layers[index]
    guard let weights = layer.weights.map({ network.tensors[$0] }) else { return }
    let bias = layer.bias.map { network.tensors[$0].name } ?? layer.name + ".bias"
    guard let product = products[index] else {
      model.layers[index].weights = model.appendTensor(weights.name, weights.dimensions, weights.elements)
      model.layers[index].bias = layer.bias.map {
        model.appendTensor(bias, network.tensors[$0].dimensions, network.tensors[$0].elements)
      }
      return
    }
    let scales = model.appendTensor(weights.name + ".scales", [product.scales.count], .float32(product.scales))
    model.layers[index].weights = model.appendTensor(
      weights.name, weights.dimensions, .int8(product.weights, scales: scales))
    let elements: TensorDescription.Elements =
      quantization(ofValue: layer.inputs[0]).map { .int32(product.integerBias(input: $0)) } ?? .float32(product.bias)
    if layer.bias != nil || product.bias.contains(where: { $0 != 0 }) {
      model.layers[index].bias = model.appendTensor(bias, [product.bias.count], elements)
    }
  }

  private func writeTable(_ index: Int, to model: inout ModelFile) {
    let layer = network.layers[index]
    guard let input = quantization(ofValue: layer.inputs[0]), let output = quantization(ofValue: index + 1) else {
      return
    }
    let activation = ActivationFunction(layer.activation, parameter: layer.activationParameter)
    let table = (0..<256).map { number in
      output.code(activation(Double(input.scale) * Double(number - input.zeroPoint)))
    }
    model.layers[index].weights = model.appendTensor(layer.name + ".table", [256], .uint8(table))
  }
}

extension ActivationFunction {
  /// The function itself.
  fileprivate func callAsFunction(_ x: Double) -> Double {
    switch kind {
    case .none: x
    case .relu: max(x, 0)
    case .leakyRelu: x > 0 ? x : x * Double(parameter)
    case .clippedRelu: min(max(x, 0), Double(parameter))
    case .sigmoid: 1 / (1 + exp(-x))
    case .tanh: Glibc.tanh(x)
    }
  }
}
