import DNNModel
import MNISTInfer

/// A float model in the form that an integer model needs, and what the format leaves free in it. FileFormat.md, "Integer
/// models", has the rules.
struct IntegerGraph {
  /// Activations that become tables are layers of their own, and flattening that a dense layer implies is left out.
  let model: ModelFile
  /// By value: the one whose scale and zero point it has. Maximum pooling and flattening copy numbers, so their output has those
  /// of their input.
  let owners: [Int]
  /// The layer whose output is int32: a convolution or dense layer that only the softmax reads.
  let logitsLayer: Int?

  init(_ model: ModelFile) {
    let separate = model.layers.indices.filter { index in
      switch model.layers[index].activation {
      case .leakyRelu, .sigmoid, .tanh: model.layers[index].kind != .activation
      case .relu, .clippedRelu: model.logitsLayer == index
      case .none: false
      }
    }
    self.model = model.separatingActivations(of: Set(separate)).model.leavingOutFlattening()
    logitsLayer = self.model.logitsLayer
    owners = self.model.layers.enumerated().reduce(into: [0]) { owners, layer in
      let isCopy = layer.element.kind == .maxPool || layer.element.kind == .flatten
      owners.append(isCopy ? owners[layer.element.inputs[0]] : layer.offset + 1)
    }
  }

  /// The values that need a scale and zero point of their own, in the network's order: all but the picture, the int32 logits and
  /// the probabilities.
  var freeValues: [Int] {
    (1..<model.layers.count).filter { owners[$0] == $0 && $0 - 1 != logitsLayer }
  }

  /// The values with the scale of an owner that are computed with, and not only copied.
  func computedValues(of owner: Int) -> [Int] {
    let computing = model.layers.filter { $0.kind != .maxPool && $0.kind != .flatten }
    return owners.indices.filter { value in owners[value] == owner && computing.contains { $0.inputs.contains(value) } }
  }
}

extension ModelFile {
  /// The same network without the flattening that only dense layers read, which take an image as well.
  fileprivate func leavingOutFlattening() -> ModelFile {
    var model = self
    model.layers = []
    var values = [0]
    for (index, layer) in layers.enumerated() {
      let isImplied =
        layer.kind == .flatten && layers.allSatisfy { !$0.inputs.contains(index + 1) || $0.kind == .dense }
      if isImplied {
        values.append(values[layer.inputs[0]])
      } else {
        var layer = layer
        layer.inputs = layer.inputs.map { values[$0] }
        model.layers.append(layer)
        values.append(model.layers.count)
      }
    }
    return model
  }

  /// The convolution or dense layer whose output only the softmax reads, if there is one.
  fileprivate var logitsLayer: Int? {
    guard let softmax = layers.last, let value = softmax.inputs.first, value > 0, layers[value - 1].hasWeights,
      layers.count(where: { $0.inputs.contains(value) }) == 1
    else { return nil }
    return value - 1
  }
}

extension LayerDescription {
  /// Whether the layer computes sums of products.
  var hasWeights: Bool { kind == .convolution || kind == .dense }
}
