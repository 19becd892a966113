import DNNModel
import MNISTInfer

/// Collects a model's layers and tensors.
struct ModelBuilder {
  private(set) var layers: [LayerDescription] = []
  private(set) var tensors: [TensorDescription] = []

  /// Appends a layer.
  ///
  /// - Parameters:
  ///   - kind: what it computes.
  ///   - name: unique in the model.
  ///   - inputs: values of the model that it reads.
  ///   - output: its output's shape.
  ///   - complete: sets what this kind of layer has besides.
  /// - Returns: the value that the layer makes.
  @discardableResult
  mutating func append(
    _ kind: LayerKind, name: String, inputs: [Int], output: Shape,
    complete: (inout LayerDescription, inout ModelBuilder) -> Void = { _, _ in }
  ) -> Int {
    var layer = LayerDescription(kind, name: name, inputs: inputs, output: output)
    complete(&layer, &self)
    layers.append(layer)
    return layers.count
  }

  /// Appends a layer's parameter as a tensor.
  ///
  /// - Returns: the tensor's index.
  mutating func append(_ parameter: Parameter, of layer: String, _ values: UnsafePointer<Float>) -> Int {
    append(parameter.elements(of: values), parameter.role, dimensions: parameter.dimensions, of: layer)
  }

  private mutating func append(
    _ values: [Float], _ role: Parameter.Role, dimensions: [Int], of layer: String
  ) -> Int {
    tensors.append(TensorDescription(name: "\(layer).\(role.rawValue)", dimensions: dimensions, values: values))
    return tensors.count - 1
  }

  /// Makes a transform part of the weighted sum that gives a value, which has no bias and no activation.
  ///
  /// - Returns: the value, which is now the transform's.
  mutating func fold(_ transform: ChannelTransform, intoValue value: Int) -> Int {
    let layer = layers[value - 1]
    guard let weights = layer.weights, layer.bias == nil, layer.activation == .none,
      case .float32(let elements) = tensors[weights].elements
    else { preconditionFailure("layer \(value - 1) is no weighted sum to fold a transform into") }
    let factors = transform.factors
    tensors[weights].elements = .float32(
      elements.enumerated().map { Float(Double($0.element) * factors[$0.offset % factors.count]) })
    layers[value - 1].bias = append(transform.terms.map(Float.init), .bias, dimensions: [factors.count], of: layer.name)
    layers[value - 1].activation = transform.activation.kind
    layers[value - 1].activationParameter = transform.activation.parameter
    return value
  }

  /// Appends a transform as the depthwise convolution of 1×1 that it is.
  mutating func append(_ transform: ChannelTransform, name: String, inputs: [Int], output: Shape) -> Int {
    append(.convolution, name: name, inputs: inputs, output: output) { layer, builder in
      let channels = output.channels
      layer.window.groups = channels
      layer.activation = transform.activation.kind
      layer.activationParameter = transform.activation.parameter
      layer.weights = builder.append(
        transform.factors.map(Float.init), .weights, dimensions: [1, 1, 1, channels], of: name)
      layer.bias = builder.append(transform.terms.map(Float.init), .bias, dimensions: [channels], of: name)
    }
  }
}

/// x × factor + term for each channel, then an activation.
struct ChannelTransform {
  let factors: [Double]
  let terms: [Double]
  let activation: ActivationFunction
}
