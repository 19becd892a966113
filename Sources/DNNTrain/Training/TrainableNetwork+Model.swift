import DNNModel
import MNISTInfer

extension TrainableNetwork {
  /// Takes over a model's weights and biases. A bias that the model leaves out stays zero.
  ///
  /// - Parameters:
  ///   - parameters: all of the network's, zero before; not packed yet.
  ///   - model: the one that this network's architecture was made from; 8-bit weights count as the numbers they stand for.
  ///   - isHeadNew: whether the last layer but the softmax is another one and stays as it is.
  func setParameters(_ parameters: UnsafeMutablePointer<Float>, from model: ModelFile, isHeadNew: Bool = false) {
    let model = model.dequantized()
    for (node, description) in model.layers.dropLast(isHeadNew ? 2 : 1).enumerated() {
      for (role, tensor) in [(Parameter.Role.weights, description.weights), (.bias, description.bias)] {
        guard let tensor, let place = parameter(role, ofNode: node) else { continue }
        place.parameter.setElements(model.values(ofTensor: tensor), of: parameters + parameterOffsets[place.layer])
      }
    }
  }

  /// A layer of the architecture's weights or bias; empty if it has none.
  func elements(_ role: Parameter.Role, ofNode node: Int, _ parameters: UnsafePointer<Float>) -> [Float] {
    parameter(role, ofNode: node).map { $0.parameter.elements(of: parameters + parameterOffsets[$0.layer]) } ?? []
  }

  /// Where a layer of the architecture has its weights or bias; nil if it has none. At most one of the layers that stand for it
  /// has parameters: its weighted sum.
  func parameter(_ role: Parameter.Role, ofNode node: Int) -> (layer: Int, parameter: Parameter)? {
    for layer in valueOfArchitecture[node]..<valueOfArchitecture[node + 1] {
      for parameter in layers[layer].parameters where parameter.role == role { return (layer, parameter) }
    }
    return nil
  }
}
