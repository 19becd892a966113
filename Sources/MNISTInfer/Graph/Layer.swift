/// A layer of the network, checked: its inputs exist, its shape follows from theirs, its tensors fit it.
package struct Layer: BitwiseCopyable {
  package var kind: LayerKind
  package var name: Name
  /// Values this layer reads: 0 is the picture, i + 1 the output of layer i. The second is used by `add` alone.
  package var inputs: (Int, Int)
  package var output: Shape
  /// For convolution and pooling.
  package var window: Window
  package var activation: Activation
  package var activationParameter: Float
  /// Indices of tensors, for convolution and dense; nil for none. An activation in an integer model has its table as weights.
  package var weights: Int?
  package var bias: Int?

  package var inputCount: Int { kind == .add ? 2 : 1 }

  /// Whether the layer computes sums of products: it has weights, and may have a bias.
  var hasWeights: Bool { kind == .convolution || kind == .dense }
}

/// A network and its weights. The tensors' elements are in the file's bytes, which must outlive it.
package struct Network: ~Copyable {
  package let input: Shape
  package let layers: Buffer<Layer>
  package let tensors: Buffer<Tensor>
  /// One for each value of an integer model; none otherwise.
  let quantizations: Buffer<Quantization>

  /// The shape of a value: 0 is the picture, i + 1 the output of layer i.
  package func shape(ofValue value: Int) -> Shape { value == 0 ? input : layers[value - 1].output }

  /// The shape of what goes into a layer, its first input where it has two.
  package func inputShape(ofLayer index: Int) -> Shape { shape(ofValue: layers[index].inputs.0) }

  /// An element of a float32 or int8 tensor as the number it stands for.
  func weight(_ tensor: Int, _ element: Int) -> Float {
    let weights = tensors[tensor]
    guard let scales = weights.scales else { return weights.floats[element] }
    return Float(weights.bytes[element]) * tensors[scales].floats[element % weights.lastDimension]
  }

  package var classCount: Int { layers[layers.count - 1].output.count }
}
