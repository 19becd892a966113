import MNISTInfer

extension ModelFile {
  /// The same network in float32: what can be trained further.
  ///
  /// Int8 weights and the int32 biases of an integer model become the real numbers they stand for, under their names; scales of
  /// weights and tables of activations go. Values between the layers are no longer rounded nor clipped to their ranges, so an
  /// integer model's probabilities change a little, and its self-test goes with its quantization.
  ///
  /// - Returns: a float model of the same layers; this one if all its tensors are float32 already.
  public func dequantized() -> ModelFile {
    let isFloat = tensors.allSatisfy { if case .float32 = $0.elements { true } else { false } }
    if isFloat { return self }
    var model = self
    (model.tensors, model.quantization) = ([], [])
    if !quantization.isEmpty { model.selfTest = nil }
    for (index, layer) in layers.enumerated() {
      let weights = layer.kind == .activation ? nil : layer.weights
      model.layers[index].weights = weights.map {
        model.appendTensor(tensors[$0].name, tensors[$0].dimensions, .float32(values(ofTensor: $0)))
      }
      model.layers[index].bias = layer.bias.map {
        model.appendTensor(tensors[$0].name, tensors[$0].dimensions, .float32(realBias($0, of: layer)))
      }
    }
    return model
  }

  /// A layer's bias in the units of its output.
  private func realBias(_ tensor: Int, of layer: LayerDescription) -> [Float] {
    guard case .int32(let integers) = tensors[tensor].elements, let weights = layer.weights,
      case .int8(_, let scales) = tensors[weights].elements
    else { return values(ofTensor: tensor) }
    let input = Double(quantization[layer.inputs[0]].scale)
    return zip(integers, values(ofTensor: scales)).map { Float(Double($0) * (input * Double($1))) }
  }
}
