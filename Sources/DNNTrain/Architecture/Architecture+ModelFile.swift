import DNNModel
import MNISTInfer

extension Architecture {
  /// The layers of a model's file but its softmax: node i is the file's layer i.
  ///
  /// - Throws: `ArchitectureError` if a layer is larger than training allows.
  init(_ model: ModelFile) throws {
    let layers = model.layers.dropLast()
    guard let last = layers.last else { throw ArchitectureError.lastLayer }
    let shapes = [model.input] + layers.map(\.output)
    let nodes = layers.map { layer in
      Node(specification: LayerSpecification(layer, input: shapes[layer.inputs[0]]), inputs: layer.inputs)
    }
    try self.init(nodes: nodes, classCount: last.output.count)
  }

  /// The same layers with another number of outputs.
  ///
  /// - Throws: `ArchitectureError.lastLayer` if the last layer is not dense.
  package func withNewHead(classCount: Int) throws -> Architecture {
    guard case .dense = nodes[nodes.count - 1].specification else { throw ArchitectureError.lastLayer }
    let head = Node(
      specification: .dense(outputs: classCount, activation: .none), inputs: nodes[nodes.count - 1].inputs)
    return try Architecture(nodes: nodes.dropLast() + [head], classCount: classCount)
  }
}

extension LayerSpecification {
  fileprivate init(_ layer: LayerDescription, input: Shape) {
    let activation = ActivationFunction(layer.activation, parameter: layer.activationParameter)
    switch layer.kind {
    case .convolution:
      var window = layer.window
      if window.groups == input.channels, window.groups == layer.output.channels, window.groups > 1 {
        window.groups = 1
        self = .depthwise(window: window, activation: activation)
      } else {
        self = .convolution(outputs: layer.output.channels, window: window, activation: activation)
      }
    case .dense: self = .dense(outputs: layer.output.channels, activation: activation)
    case .maxPool: self = .maxPool(window: layer.window)
    case .averagePool: self = .averagePool(window: layer.window)
    case .globalAveragePool: self = .globalAveragePool
    case .add: self = .add(activation: activation)
    case .flatten: self = .flatten
    // An activation that changes nothing, which the format allows: dropout of nothing is the same and is not exported.
    case .activation: self = activation == .none ? .dropout(rate: 0) : .activation(activation)
    case .softmax: preconditionFailure("a softmax that is not the last layer")
    }
  }
}
