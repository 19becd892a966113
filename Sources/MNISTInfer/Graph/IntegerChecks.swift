/// Reads section QUAN: how the 8-bit numbers of each value stand for real ones. None if the file has no such section.
func readQuantizations(_ container: Container, values: Int) throws(Failure) -> Buffer<Quantization> {
  guard let section = container.section(.quantization) else { return try Buffer(count: 0) }
  guard let start = section.baseAddress, section.count == values * QuantizationRecord.size else {
    throw Failure(.damaged, "section QUAN: \(section.count) bytes do not hold the scales of \(values) values")
  }
  let quantizations = try Buffer<Quantization>(count: values)
  for value in 0..<values {
    let record = QuantizationRecord.read(start + value * QuantizationRecord.size).record
    guard record.scale.isNormal, record.scale > 0 else {
      throw Failure(.damaged, "section QUAN: the scale of value \(value) is not a positive normal number")
    }
    guard record.zeroPoint <= 255 else {
      throw Failure(
        .damaged, "section QUAN: the zero point of value \(value) is \(record.zeroPoint); the format allows 0 to 255")
    }
    quantizations[value] = Quantization(scale: record.scale, zeroPoint: Int(record.zeroPoint))
  }
  return quantizations
}

/// A layer that is a table lookup has a table, and no bias.
func checkTable(_ layer: Layer, _ index: Int, of network: borrowing Network) throws(Failure) {
  guard layer.bias == nil else {
    throw Failure(.damaged, layer: index, "a layer of kind \(layer.kind.code) has no bias")
  }
  guard let table = layer.weights else {
    throw Failure(.damaged, layer: index, "a layer of kind \(layer.kind.code) in an integer model needs a table")
  }
  guard table < network.tensors.count else {
    throw Failure(
      .damaged, layer: index, "its table is tensor \(table), but there are only \(network.tensors.count)")
  }
  let tensor = network.tensors[table]
  guard tensor.type == .uint8, tensor.rank == 1, tensor.elementCount == 256 else {
    throw Failure(.damaged, layer: index, "its table, tensor \(table), is no uint8 vector of 256 elements")
  }
}

/// Checks that an integer model can be computed as FileFormat.md says without any number that leaves its range.
func checkIntegers(_ network: borrowing Network, _ container: Container) throws(Failure) {
  try checkPicture(network, try readNormalisation(container, input: network.input))
  for index in 0..<network.layers.count {
    let layer = network.layers[index]
    switch layer.kind {
    case .convolution, .dense:
      try checkFusedActivation(layer, index)
      try checkProduct(index, of: network)
    case .add:
      try checkFusedActivation(layer, index)
      try checkShift(network.sumFactors(index).shift, in: 1...30, index)
    case .maxPool, .flatten: try checkCopy(layer, index, of: network)
    case .averagePool, .globalAveragePool: try checkAverage(layer, index, of: network)
    case .activation: break
    case .softmax: try checkSoftmax(index, of: network)
    }
  }
}

/// The pixel is the quantized value itself, which the normalisation must agree with.
private func checkPicture(_ network: borrowing Network, _ normalisation: NormalisationRecord) throws(Failure) {
  let picture = network.quantization(ofValue: 0)
  let scales =
    [normalisation.scale.0, normalisation.scale.1, normalisation.scale.2, normalisation.scale.3]
    as InlineArray<4, Float>
  let offsets =
    [normalisation.offset.0, normalisation.offset.1, normalisation.offset.2, normalisation.offset.3]
    as InlineArray<4, Float>
  for channel in 0..<network.input.channels {
    guard scales[channel] == picture.scale, offsets[channel] == -(Float(picture.zeroPoint) * picture.scale) else {
      throw Failure(
        .damaged,
        "section NORM: scale and offset of channel \(channel) are not those of value 0 in section QUAN")
    }
  }
}

private func checkFusedActivation(_ layer: Layer, _ index: Int) throws(Failure) {
  switch layer.activation {
  case .none, .relu, .clippedRelu: return
  case .leakyRelu, .sigmoid, .tanh:
    throw Failure(
      .damaged,
      layer: index,
      "activation \(layer.activation.rawValue); a layer of kind \(layer.kind.code) in an integer model has 0, 1 or 3"
    )
  }
}

private func checkShift(_ shift: Int, in range: ClosedRange<Int>, _ index: Int) throws(Failure) {
  guard range.contains(shift) else {
    throw Failure(
      .damaged,
      layer: index,
      "its shift is \(shift), out of range \(range.lowerBound) to \(range.upperBound): the scales of its values are too far apart"
    )
  }
}

/// Convolution and dense layers.
private func checkProduct(_ index: Int, of network: borrowing Network) throws(Failure) {
  let isLogits = network.writesLogits(index)
  if isLogits {
    let zeroPoint = network.quantization(ofValue: index + 1).zeroPoint
    guard zeroPoint == 0 else {
      throw Failure(
        .damaged, "layer \(index) writes the logits, so the zero point of value \(index + 1) is 0, not \(zeroPoint)")
    }
    let activation = network.layers[index].activation
    guard activation == .none else {
      throw Failure(
        .damaged, "layer \(index) writes the logits, so its activation is 0, not \(activation.rawValue)")
    }
  }
  try checkShift(network.columnShift(index), in: (isLogits ? 1 : 32)...62, index)
  try checkAccumulators(index, of: network)
}

/// No sum of a convolution or dense layer may leave the range of 32 bits, in whatever order its terms are added.
private func checkAccumulators(_ index: Int, of network: borrowing Network) throws(Failure) {
  let layer = network.layers[index]
  guard let weights = layer.weights else { return }
  let (tensor, columns) = (network.tensors[weights], layer.output.channels)
  let rows = tensor.elementCount / columns
  let zeroPoint = Int64(network.quantization(ofValue: layer.inputs.0).zeroPoint)
  for column in 0..<columns {
    let bias = layer.bias.map { Int64(network.tensors.start[$0].integers[column].magnitude) } ?? 0
    // Few layers are so large that their weights have to be looked at.
    if bias + Int64(rows) * 127 * (255 + zeroPoint) <= Int32.max { continue }
    var (magnitudes, sum): (Int64, Int64) = (0, 0)
    for row in 0..<rows {
      let weight = Int64(tensor.bytes[row * columns + column])
      magnitudes += abs(weight)
      sum += weight
    }
    guard bias + magnitudes * 255 + zeroPoint * abs(sum) <= Int32.max else {
      throw Failure(
        .damaged,
        layer: index,
        "sums of column \(column) of its weights, tensor \(weights), may reach \(bias + magnitudes * 255 + zeroPoint * abs(sum)) and overflow 32 bits"
      )
    }
  }
}

/// Layers whose output has numbers of their input.
private func checkCopy(_ layer: Layer, _ index: Int, of network: borrowing Network) throws(Failure) {
  let input = network.quantization(ofValue: layer.inputs.0)
  let output = network.quantization(ofValue: index + 1)
  guard input.scale == output.scale, input.zeroPoint == output.zeroPoint else {
    throw Failure(
      .damaged,
      layer: index,
      "a layer of kind \(layer.kind.code) keeps scale and zero point, but those of values \(layer.inputs.0) and \(index + 1) differ"
    )
  }
}

private func checkAverage(_ layer: Layer, _ index: Int, of network: borrowing Network) throws(Failure) {
  let input = network.shape(ofValue: layer.inputs.0)
  var (smallest, largest) = (input.height * input.width, input.height * input.width)
  if layer.kind == .averagePool {
    let window = layer.window
    let rows = insideCounts(
      layer.output.height, window.height, window.strideHeight, window.padTop, length: input.height)
    let columns = insideCounts(
      layer.output.width, window.width, window.strideWidth, window.padLeft, length: input.width)
    (smallest, largest) = (rows.smallest * columns.smallest, rows.largest * columns.largest)
  }
  guard largest <= Limits.averagedElements else {
    throw Failure(
      .damaged,
      layer: index,
      "a mean of \(largest) elements; an integer model allows \(Limits.averagedElements), so that their sum fits 32 bits"
    )
  }
  // The shift grows with the number of elements.
  try checkShift(network.averageFactor(index, elements: smallest).shift, in: 1...62, index)
  try checkShift(network.averageFactor(index, elements: largest).shift, in: 1...62, index)
}

/// How many rows (or columns) of the input lie under a window, at least and at most.
private func insideCounts(
  _ outputs: Int, _ size: Int, _ stride: Int, _ padding: Int, length: Int
) -> (smallest: Int, largest: Int) {
  var (smallest, largest) = (size, 0)
  for output in 0..<outputs {
    let start = output * stride - padding
    let count = min(start + size, length) - max(start, 0)
    smallest = min(smallest, count)
    largest = max(largest, count)
  }
  return (smallest, largest)
}

private func checkSoftmax(_ index: Int, of network: borrowing Network) throws(Failure) {
  let output = network.quantization(ofValue: index + 1)
  guard output.scale == 1, output.zeroPoint == 0 else {
    throw Failure(
      .damaged, "section QUAN: value \(index + 1), the probabilities, has a scale and zero point other than 1 and 0")
  }
  try checkShift(network.softmaxFactor(index).shift, in: 25...62, index)
}
