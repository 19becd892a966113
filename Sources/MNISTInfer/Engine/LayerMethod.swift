import CKernels

/// How a layer runs: chosen from the network's shape alone, so that every session of a model computes the same.
struct LayerMethod: BitwiseCopyable {
  enum Convolution: BitwiseCopyable {
    /// The implicit matrix product: every shape, 1×1 and a few input channels among them.
    case product
    /// F(outputs × outputs, 3×3), for 2 or 4 outputs.
    case winograd(outputs: Int)
    /// Every channel on its own.
    case depthwise
  }

  var convolution = Convolution.product
  /// The max pooling after this convolution is done with it; nobody else sees what is pooled.
  var poolsNext = false
  /// This max pooling is done by the convolution before it.
  var isDone = false

  /// The methods of all layers.
  static func choose(_ network: borrowing Network) throws(Failure) -> Buffer<LayerMethod> {
    let count = network.layers.count
    let methods = try Buffer<LayerMethod>(count: count)
    let readers = try Buffer<Int>(count: count + 1)
    for index in 0..<count {
      let layer = network.layers[index]
      readers[layer.inputs.0] += 1
      if layer.inputCount == 2 { readers[layer.inputs.1] += 1 }
      methods[index] = LayerMethod()
      if layer.kind == .convolution && !network.isInteger {
        methods.start[index].convolution = choose(layer, input: network.inputShape(ofLayer: index))
      }
    }
    for index in 1..<max(count, 1) {
      let (layer, pool) = (network.layers[index - 1], network.layers[index])
      guard pool.inputs.0 == index, readers[index] == 1, canPool(layer, methods[index - 1]),
        isPairwiseMaximum(pool)
      else { continue }
      methods.start[index - 1].poolsNext = true
      methods.start[index].isDone = true
    }
    return methods
  }

  /// The maximum may come before an activation that only bounds, not before the others: a leaky ReLU may fall.
  private static func canPool(_ layer: Layer, _ method: LayerMethod) -> Bool {
    if layer.kind != .convolution || layer.window.groups > 1 { return false }
    return layer.activation == .none || layer.activation == .relu || layer.activation == .clippedRelu
  }

  private static func isPairwiseMaximum(_ layer: Layer) -> Bool {
    let window = layer.window
    return layer.kind == .maxPool && window.height == 2 && window.width == 2 && window.strideHeight == 2
      && window.strideWidth == 2 && window.padTop == 0 && window.padLeft == 0 && window.padBottom == 0
      && window.padRight == 0
  }

  private static func choose(_ layer: Layer, input: Shape) -> Convolution {
    let window = layer.window
    if window.groups > 1 {
      return window.groups == input.channels && window.groups == layer.output.channels ? .depthwise : .product
    }
    guard window.height == 3, window.width == 3, window.strideHeight == 1, window.strideWidth == 1,
      window.dilationHeight == 1, window.dilationWidth == 1
    else { return .product }
    let cost = ConvolutionCost(depth: input.channels, output: layer.output)
    guard let two = cost.winograd(outputs: 2), let four = cost.winograd(outputs: 4), min(two, four) < cost.direct else {
      return .product
    }
    return .winograd(outputs: two <= four ? 2 : 4)
  }
}
