/// Operations of a layer for one picture, at most one more than the limit: multiply-adds, or elements that a pool looks at, or
/// elements that are read. Channels count by whole vectors of `vector`, because kernels take a vector for each that is begun.
func operationCount(_ layer: Layer, of network: borrowing Network, vector: Int = Limits.vector) -> Int64 {
  let input = network.shape(ofValue: layer.inputs.0)
  let groups = layer.kind == .convolution ? layer.window.groups : 1
  // Less than 2^24 + 16 channels in up to 2^24 groups that divide them, of up to 2^24 pixels: at most 16 times 2^24 elements.
  func elements(_ shape: Shape, groups: Int) -> Int64 {
    Int64(shape.height * shape.width) * Int64(groups) * Int64(roundUp(shape.channels / groups, to: vector))
  }
  let outputs = elements(layer.output, groups: groups)
  let window = Int64(layer.window.height) * Int64(layer.window.width)
  // A window has at most 2^24 elements, so nothing else overflows.
  switch layer.kind {
  case .convolution:
    let (product, overflow) = outputs.multipliedReportingOverflow(by: window * Int64(input.channels / groups))
    return overflow ? Limits.operations + 1 : min(product, Limits.operations + 1)
  case .dense: return Int64(input.count) * outputs
  case .maxPool, .averagePool: return outputs * window
  case .globalAveragePool, .add, .flatten, .activation, .softmax:
    return Int64(layer.inputCount) * elements(input, groups: 1)
  }
}
