import DNNModel
import MNISTInfer

extension ModelFile {
  /// The same network with the activations of some layers as layers of their own.
  ///
  /// - Parameter layers: indices of convolutions, dense layers and additions with an activation.
  /// - Returns: the network, and for each value of this one the value of the new one that equals it; the value before a
  ///   separated activation is the one before that.
  func separatingActivations(of layers: Set<Int>) -> (model: ModelFile, values: [Int]) {
    var model = self
    model.layers = []
    var values = [0]
    for (index, layer) in self.layers.enumerated() {
      var first = layer
      first.inputs = layer.inputs.map { values[$0] }
      if layers.contains(index) { (first.activation, first.activationParameter) = (.none, 0) }
      model.layers.append(first)
      if layers.contains(index) {
        var second = LayerDescription(
          .activation, name: separateName(layer.name), inputs: [model.layers.count], output: layer.output)
        (second.activation, second.activationParameter) = (layer.activation, layer.activationParameter)
        model.layers.append(second)
      }
      values.append(model.layers.count)
    }
    return (model, values)
  }

  /// Names are optional, so one that is too long or taken is left out.
  private func separateName(_ name: String) -> String {
    let result = name + ".activation"
    let isUsable = !name.isEmpty && result.utf8.count < Name.capacity && !layers.contains { $0.name == result }
    return isUsable ? result : ""
  }
}
