/// Reads the layers and tensors of a file. Every shape is computed again and compared with what the file says.
///
/// A layer reads only values made before it, so the graph has no cycle; every value and tensor is used, the last layer is
/// the network's only softmax.
func readNetwork(_ container: Container) throws(Failure) -> Network {
  let tensors = try readTensors(container)
  let section = container.required(.layers)
  guard let start = section.baseAddress, section.count >= NetworkRecord.size else {
    throw Failure(.damaged, "section LAYR is shorter than its \(NetworkRecord.size) bytes of header")
  }
  let header = NetworkRecord.read(start).record
  let count = Int(clamping: header.layerCount)
  guard count >= 1, count <= Limits.layers else {
    throw Failure(.damaged, "section LAYR: \(count) layers; the format allows 1 to \(Limits.layers)")
  }
  guard section.count == NetworkRecord.size + count * LayerRecord.size else {
    throw Failure(.damaged, "section LAYR: \(section.count) bytes do not hold \(count) layers")
  }
  let input = Shape(
    height: Int(clamping: header.height), width: Int(clamping: header.width), channels: Int(clamping: header.channels))
  guard isWithinLimits(input), input.channels <= Limits.inputChannels else {
    throw Failure(
      .damaged, "an input of \(input.height)×\(input.width)×\(input.channels) is outside the format's limits")
  }
  let quantizations = try readQuantizations(container, values: count + 1)
  let network = Network(
    input: input, layers: try Buffer(count: count), tensors: tensors, quantizations: quantizations)
  let uses = try Uses(values: count + 1, tensors: network.tensors.count)
  var operations: Int64 = 0
  for index in 0..<count {
    let (record, isClean) = LayerRecord.read(start + NetworkRecord.size + index * LayerRecord.size)
    guard isClean else { throw Failure(.damaged, layer: index, "reserved bytes are not zero") }
    let layer = try readLayer(record, index: index, of: network)
    network.layers[index] = layer
    uses.mark(layer, of: network)
    operations += operationCount(layer, of: network)
    guard operations <= Limits.operations else {
      throw Failure(.damaged, layer: index, "one picture takes over \(Limits.operations) operations up to here")
    }
    guard operations <= Limits.machineOperations else {
      throw Failure(
        .outOfMemory, layer: index, "over \(Limits.machineOperations) operations, too many for a machine of 32 bits")
    }
  }
  try checkEnd(network)
  try uses.check()
  try checkNames(network)
  if network.isInteger { try checkIntegers(network, container) }
  return network
}

private func isWithinLimits(_ shape: Shape) -> Bool {
  guard shape.height >= 1, shape.width >= 1, shape.channels >= 1, shape.height <= Limits.dimension,
    shape.width <= Limits.dimension, shape.channels <= Limits.dimension
  else { return false }
  // At most 2^48 each, so the second product fits as well.
  let pixels = Int64(shape.height) * Int64(shape.width)
  return pixels <= Limits.elements && pixels * Int64(shape.channels) <= Limits.elements
}

private func readLayer(_ record: LayerRecord, index: Int, of network: borrowing Network) throws(Failure) -> Layer {
  guard let kind = LayerKind(code: record.kind) else {
    throw Failure(.unsupported, "layer \(index) is of kind \(record.kind), which needs a newer library")
  }
  guard record.name.isValid else { throw nameFailure("layer", index) }
  guard let activation = Activation(rawValue: record.activation) else {
    throw Failure(.unsupported, layer: index, "activation \(record.activation) needs a newer library")
  }
  var layer = Layer(
    kind: kind, name: record.name, inputs: (Int(clamping: record.inputs.0), Int(clamping: record.inputs.1)),
    output: Shape(
      height: Int(clamping: record.outputHeight), width: Int(clamping: record.outputWidth),
      channels: Int(clamping: record.outputChannels)),
    window: Window(), activation: activation, activationParameter: record.activationParameter)

  guard kind == .add || layer.inputs.1 == 0 else {
    throw Failure(
      .damaged, layer: index, "a layer of kind \(record.kind) has one input, and a second is given: \(layer.inputs.1)"
    )
  }
  let latest = max(layer.inputs.0, layer.inputs.1)
  guard latest <= index else {
    throw Failure(.damaged, "layer \(index) reads value \(latest), which no layer before it makes")
  }
  try checkActivation(layer, index)
  if kind == .convolution || kind == .maxPool || kind == .averagePool {
    layer.window = Window(record.window)
    try checkWindow(layer, index)
  } else if record.window != WindowRecord() {
    throw Failure(.damaged, layer: index, "a layer of kind \(record.kind) has no window")
  }
  layer.weights = record.weights == noTensor ? nil : Int(clamping: record.weights)
  layer.bias = record.bias == noTensor ? nil : Int(clamping: record.bias)
  if layer.hasWeights {
    try checkTensors(layer, index, of: network)
  } else if kind == .activation && network.isInteger {
    try checkTable(layer, index, of: network)
  } else if layer.weights != nil || layer.bias != nil {
    throw Failure(.damaged, layer: index, "a layer of kind \(record.kind) has no tensors")
  }
  let output = try outputShape(layer, index, of: network)
  guard output == layer.output else {
    throw Failure(
      .damaged,
      layer: index,
      "its output is \(output.height)×\(output.width)×\(output.channels), not \(layer.output.height)×\(layer.output.width)×\(layer.output.channels)"
    )
  }
  guard isWithinLimits(output) else {
    throw Failure(.damaged, layer: index, "an output of over \(Limits.elements) elements")
  }
  return layer
}

private func checkActivation(_ layer: Layer, _ index: Int) throws(Failure) {
  guard layer.activation == .none || layer.kind.canActivate else {
    throw Failure(.damaged, layer: index, "a layer of kind \(layer.kind.code) has no activation")
  }
  let parameter = layer.activationParameter
  let isValid =
    switch layer.activation {
    case .leakyRelu: parameter > -1 && parameter < 1
    case .clippedRelu: parameter > 0 && parameter.isFinite
    case .none, .relu, .sigmoid, .tanh: parameter.bitPattern == 0
    }
  guard isValid else { throw Failure(.damaged, layer: index, "the activation's parameter is out of range") }
}

/// Numbers of a window are small enough that no sum or product of two of them, or of one and a dimension, overflows.
private func checkWindow(_ layer: Layer, _ index: Int) throws(Failure) {
  let window = layer.window
  guard window.height >= 1, window.width >= 1, window.height <= Limits.window, window.width <= Limits.window else {
    throw Failure(
      .damaged, layer: index, "a window of \(window.height)×\(window.width); the format allows 1 to \(Limits.window)")
  }
  guard window.strideHeight >= 1, window.strideWidth >= 1, window.strideHeight <= Limits.window,
    window.strideWidth <= Limits.window
  else {
    throw Failure(
      .damaged,
      layer: index,
      "strides of \(window.strideHeight) and \(window.strideWidth); the format allows 1 to \(Limits.window)"
    )
  }
  guard window.dilationHeight >= 1, window.dilationWidth >= 1, window.dilationHeight <= Limits.window,
    window.dilationWidth <= Limits.window
  else {
    throw Failure(
      .damaged,
      layer: index,
      "dilations of \(window.dilationHeight) and \(window.dilationWidth); the format allows 1 to \(Limits.window)"
    )
  }
  // So that every window holds at least one element of the input.
  guard window.padTop < window.extentHeight, window.padBottom < window.extentHeight,
    window.padLeft < window.extentWidth,
    window.padRight < window.extentWidth
  else { throw Failure(.damaged, layer: index, "more padding than the window is large") }
  if layer.kind == .convolution {
    guard window.groups >= 1 else { throw Failure(.damaged, layer: index, "0 groups; a convolution has at least 1") }
  } else {
    guard window.groups == 0, window.dilationHeight == 1, window.dilationWidth == 1 else {
      throw Failure(.damaged, layer: index, "pooling has no groups and no dilation")
    }
  }
}

private func checkTensors(_ layer: Layer, _ index: Int, of network: borrowing Network) throws(Failure) {
  try checkWeights(layer, index, of: network)
  guard let bias = layer.bias else { return }
  guard bias < network.tensors.count else {
    throw Failure(
      .damaged, layer: index, "its bias is tensor \(bias), but there are only \(network.tensors.count)")
  }
  let output = layer.output.channels
  let tensor = network.tensors[bias]
  let type: (TensorType, name: StaticString) = network.isInteger ? (.int32, "int32") : (.float32, "float32")
  guard tensor.type == type.0, tensor.rank == 1, tensor.elementCount == output else {
    throw Failure(
      .damaged, layer: index, "its bias, tensor \(bias), is no \(type.name) vector of \(output) elements")
  }
}

private func checkWeights(_ layer: Layer, _ index: Int, of network: borrowing Network) throws(Failure) {
  guard let weights = layer.weights else {
    throw Failure(.damaged, layer: index, "a layer of kind \(layer.kind.code) needs weights")
  }
  guard weights < network.tensors.count else {
    throw Failure(
      .damaged, layer: index, "its weights are tensor \(weights), but there are only \(network.tensors.count)")
  }
  let input = network.shape(ofValue: layer.inputs.0)
  let output = layer.output.channels
  let tensor = network.tensors[weights]
  guard tensor.type == .int8 || (tensor.type == .float32 && !network.isInteger) else {
    let types: StaticString = network.isInteger ? "2 in a model with a section QUAN" : "1 or 2"
    throw Failure(
      .damaged,
      layer: index, "its weights, tensor \(weights), are of type \(tensor.type.rawValue); it takes \(types)")
  }
  if layer.kind == .dense {
    guard tensor.rank == 2, tensor.dimensions.0 == input.count, tensor.dimensions.1 == output else {
      throw Failure(.damaged, layer: index, "its weights, tensor \(weights), are not \(input.count)×\(output)")
    }
    return
  }
  let window = layer.window
  guard input.channels % window.groups == 0, output % window.groups == 0 else {
    throw Failure(
      .damaged, layer: index, "\(window.groups) groups do not divide \(input.channels) and \(output) channels")
  }
  let depth = input.channels / window.groups
  guard tensor.rank == 4, tensor.dimensions == (window.height, window.width, depth, output) else {
    throw Failure(
      .damaged,
      layer: index, "its weights, tensor \(weights), are not \(window.height)×\(window.width)×\(depth)×\(output)")
  }
}

private func outputShape(_ layer: Layer, _ index: Int, of network: borrowing Network) throws(Failure) -> Shape {
  let input = network.shape(ofValue: layer.inputs.0)
  switch layer.kind {
  case .convolution, .maxPool, .averagePool:
    guard let size = layer.window.outputSize(input) else {
      throw Failure(
        .damaged, layer: index, "its window is larger than its padded input of \(input.height)×\(input.width)")
    }
    let channels = layer.kind == .convolution ? layer.output.channels : input.channels
    return Shape(height: size.height, width: size.width, channels: channels)
  case .dense: return Shape(count: layer.output.channels)
  case .globalAveragePool: return Shape(count: input.channels)
  case .flatten: return Shape(count: input.count)
  case .add:
    guard network.shape(ofValue: layer.inputs.1) == input else {
      throw Failure(.damaged, "layer \(index) adds two inputs of different shapes")
    }
    return input
  case .activation: return input
  case .softmax:
    guard input.count == input.channels, input.channels <= Limits.classes else {
      throw Failure(.damaged, layer: index, "softmax takes a vector of up to \(Limits.classes) elements")
    }
    return input
  }
}

private func checkEnd(_ network: borrowing Network) throws(Failure) {
  let last = network.layers.count - 1
  for index in 0...last where (network.layers[index].kind == .softmax) != (index == last) {
    throw Failure(.damaged, layer: index, "the last layer of a network is softmax, and no other is")
  }
}

/// Which values and tensors some layer reads.
private struct Uses: ~Copyable {
  private let values: Buffer<Bool>
  private let tensors: Buffer<Bool>

  init(values: Int, tensors: Int) throws(Failure) {
    // Both before either is stored: a value that cannot be copied is initialised as a whole or not at all.
    let valueFlags = try Buffer<Bool>(count: values)
    let tensorFlags = try Buffer<Bool>(count: tensors)
    self.values = valueFlags
    self.tensors = tensorFlags
  }

  func mark(_ layer: Layer, of network: borrowing Network) {
    values[layer.inputs.0] = true
    if layer.inputCount == 2 { values[layer.inputs.1] = true }
    if let weights = layer.weights {
      tensors[weights] = true
      if let scales = network.tensors[weights].scales { tensors[scales] = true }
    }
    if let bias = layer.bias { tensors[bias] = true }
  }

  func check() throws(Failure) {
    // The first layer can read nothing but the picture.
    for value in 1..<(values.count - 1) where !values[value] {
      throw Failure(.damaged, "layer \(value - 1): nothing reads its output")
    }
    for tensor in 0..<tensors.count where !tensors[tensor] {
      throw Failure(.damaged, "tensor \(tensor): no layer uses it")
    }
  }
}
