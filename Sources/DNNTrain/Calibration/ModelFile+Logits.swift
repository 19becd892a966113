import DNNModel
import MNISTInfer

extension ModelFile {
  /// The same network with other logits, by the weights of the layer that they come from. In an integer model only scales change:
  /// the integers of every layer stay what they are, but for the last bits of the 32-bit logits.
  ///
  /// - Parameter divisor: above 0.
  /// - Returns: nil where the logits come from no single weighted sum, or the format cannot express their scale.
  func dividingLogits(by divisor: Double) -> ModelFile? {
    guard let values = valuesOfLogits else { return nil }
    var model = self
    func quotients(_ numbers: [Float]) -> [Float] { numbers.map { Float(Double($0) / divisor) } }
    let layer = layers[values[0] - 1]
    // Integer biases count in units of the weights' scales.
    for tensor in [layer.weights, layer.bias].compactMap(\.self) {
      switch tensors[tensor].elements {
      case .float32(let elements): model.tensors[tensor].elements = .float32(quotients(elements))
      case .int8(_, let scales): model.tensors[scales].elements = .float32(quotients(self.values(ofTensor: scales)))
      case .int32, .uint8: break
      }
    }
    if quantization.isEmpty { return model }
    for value in values {
      let scale = Float(Double(quantization[value].scale) / divisor)
      guard logitScales.contains(scale) else { return nil }
      model.quantization[value] = Quantization(scale: scale, zeroPoint: quantization[value].zeroPoint)
    }
    return model
  }

  /// The output of the weighted sum that logits come from, what lies behind it and only passes on any factor, and the logits
  /// last; nil if another layer reads one of these.
  private var valuesOfLogits: [Int]? {
    var values = [Int]()
    var next = layers.last?.inputs.first ?? 0
    while next > 0, layers.count(where: { $0.inputs.contains(next) }) == 1 {
      values.insert(next, at: 0)
      let layer = layers[next - 1]
      if layer.hasWeights { return layer.activation == .none ? values : nil }
      guard [.flatten, .averagePool, .globalAveragePool].contains(layer.kind) else { return nil }
      next = layer.inputs[0]
    }
    return nil
  }
}

/// The scales of logits that the integer softmax can work with.
let logitScales: ClosedRange<Float> = 0x1p-30...32
