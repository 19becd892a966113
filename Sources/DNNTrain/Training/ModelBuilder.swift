import DNNModel
import MNISTInfer

/// Collects a model's layers and tensors, each layer reading the one before it.
struct ModelBuilder {
  private(set) var layers: [LayerDescription] = []
  private(set) var tensors: [TensorDescription] = []

  /// Appends a layer.
  ///
  /// - Parameters:
  ///   - kind: what it computes.
  ///   - name: unique in the model.
  ///   - output: its output's shape.
  ///   - complete: sets what this kind of layer has besides.
  mutating func append(
    _ kind: LayerKind, name: String, output: Shape, complete: (inout LayerDescription, inout ModelBuilder) -> Void
  ) {
    var layer = LayerDescription(kind, name: name, inputs: [layers.count], output: output)
    complete(&layer, &self)
    layers.append(layer)
  }

  /// Appends a layer's parameter as a tensor.
  ///
  /// - Returns: the tensor's index.
  mutating func append(_ parameter: Parameter, of layer: String, _ values: UnsafePointer<Float>) -> Int {
    tensors.append(
      TensorDescription(
        name: "\(layer).\(parameter.role)", dimensions: parameter.dimensions, values: parameter.elements(of: values)))
    return tensors.count - 1
  }
}
