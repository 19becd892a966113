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
      // At most one of the layers that stand for one of the file has parameters: its weighted sum.
      for index in valueOfArchitecture[node]..<valueOfArchitecture[node + 1] {
        for parameter in layers[index].parameters {
          let tensor = parameter.role == .weights ? description.weights : description.bias
          guard let tensor else { continue }
          parameter.setElements(model.values(ofTensor: tensor), of: parameters + parameterOffsets[index])
        }
      }
    }
  }
}
