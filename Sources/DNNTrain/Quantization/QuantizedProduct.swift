import DNNModel
import MNISTInfer

/// A convolution or dense layer with int8 weights.
struct QuantizedProduct {
  let scaling: WeightScaling
  /// By output channel.
  let scales: [Float]
  private(set) var weights: [Int8]
  /// As real numbers, by output channel.
  var bias: [Float]
  /// Whether the mean error of the layer's sums has been taken off the bias.
  var isCorrected = false

  /// - Parameters:
  ///   - layer: index of a layer with weights.
  ///   - model: a float model.
  ///   - scaling: how scales are found.
  ///   - input: how the layer's input is quantized, or nil where it is float32.
  /// - Throws: `QuantizationError.tooLarge` where a scale leaves float32.
  init(_ layer: Int, of model: ModelFile, _ scaling: WeightScaling, input: Quantization?) throws {
    let values = model.weights(ofLayer: layer)
    let bias = model.bias(ofLayer: layer)
    let leastScales = QuantizedProduct.leastScales(values, bias, input)
    let scales = scaling.scales(values, leastScales: leastScales)
    guard scales.allSatisfy(\.isFinite) else {
      throw QuantizationError.tooLarge(layer: model.layers[layer].title(layer))
    }
    self.scaling = scaling
    self.scales = scales
    weights = values.enumerated().map { roundedWeight($0.element, scales[$0.offset % scales.count]) }
    self.bias = bias
  }

  /// The same scales with other numbers.
  func with(weights: [Float], bias: [Float]) -> QuantizedProduct {
    var result = self
    result.weights = weights.enumerated().map { roundedWeight($0.element, scales[$0.offset % scales.count]) }
    result.bias = bias
    return result
  }

  /// The weights as the numbers they stand for.
  var values: [Float] { weights.enumerated().map { Float($0.element) * scales[$0.offset % scales.count] } }

  /// The bias in units of the scales of input and weights, as far as 32 bits reach; the least number for what is none.
  func integerBias(input: Quantization) -> [Int32] {
    zip(bias, scales).map { bias, scale in
      let units = (Double(bias) / (Double(input.scale) * Double(scale))).rounded(.toNearestOrEven)
      return Int32(min(max(Double(Int32.min), units), Double(Int32.max)))
    }
  }

  /// The bias as the numbers that its integers stand for.
  func roundedBias(input: Quantization) -> [Float] {
    zip(integerBias(input: input), scales).map { Float(Double($0) * (Double(input.scale) * Double($1))) }
  }

  /// Below these a column's scale would leave the format's integers. Ordinary columns are far above.
  private static func leastScales(_ weights: [Float], _ bias: [Float], _ input: Quantization?) -> [Float] {
    let columns = bias.count
    let largest = weights.reduce(0) { max($0, abs($1)) }
    // Columns have one shift, so multipliers of columns with tiny weights have fewer bits: at least 15 are left, which is more
    // than eight bits of output need. Where nothing is left to scale, any scale will do.
    let isZero = largest == 0 && bias.allSatisfy { $0 == 0 }
    let relative = isZero ? 1 : max(largest / 127 * 0x1p-16, .leastNormalMagnitude)
    guard let input else { return Array(repeating: relative, count: columns) }
    // The largest sum is then at most 2^30, half of what fits: the rest is for rounding.
    var sums = bias.map { abs($0) / input.scale }
    let farthest = Float(255 + input.zeroPoint)
    for (index, weight) in weights.enumerated() { sums[index % columns] += abs(weight) * farthest }
    return sums.map { max($0 * 0x1p-30, relative) }
  }
}

extension ModelFile {
  /// The weights of a convolution or dense layer, the last dimension its output channels.
  func weights(ofLayer index: Int) -> [Float] { layers[index].weights.map(values(ofTensor:)) ?? [] }

  /// The bias of a convolution or dense layer, zeros if it has none.
  func bias(ofLayer index: Int) -> [Float] {
    layers[index].bias.map(values(ofTensor:)) ?? Array(repeating: 0, count: layers[index].output.channels)
  }
}
