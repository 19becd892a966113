import CKernels

/// A network laid out for one instruction set: steps, packed weights, tables of offsets and the plan of an arena.
///
/// Depends on the network and the instruction set alone, never on threads or batches, so that these cannot change a result.
/// Immutable once made; all sessions of a model share it.
struct Plan: ~Copyable {
  let kernels: dnn_kernels
  let integerKernels: dnn_integer_kernels
  let isInteger: Bool
  let tables: PlanTables
  /// Value 0 is the picture, value i + 1 the output of layer i.
  let values: Buffer<ValueLayout>
  /// Of the same values, for integer models.
  let quantizations: Buffer<Quantization>
  /// Pictures that go through the network together.
  let chunk: Int
  /// Bytes of the arena for one picture.
  let arenaSize: Int
  let classCount: Int

  init(
    _ network: borrowing Network, kernels: dnn_kernels, integerKernels: dnn_integer_kernels, _ limits: ResourceLimits
  ) throws(Failure) {
    let elementSize = network.isInteger ? 1 : MemoryLayout<Float>.size
    let methods = try LayerMethod.choose(network)
    let values = try layOutValues(network, methods, kernels)
    let arenaSize = try placeValues(network, methods, values, limit: (1 << 30) / elementSize) * elementSize
    let chunk = Plan.chunk(arenaSize: arenaSize)
    let tables =
      network.isInteger
      ? try PlanTables(network, methods, values, integerKernels, chunk: chunk, limits)
      : try PlanTables(network, methods, values, kernels, chunk: chunk, limits)
    let quantizations = try Buffer<Quantization>(count: network.isInteger ? values.count : 0)
    for value in 0..<quantizations.count { quantizations[value] = network.quantization(ofValue: value) }
    self.kernels = kernels
    self.integerKernels = integerKernels
    isInteger = network.isInteger
    self.values = values
    self.quantizations = quantizations
    self.tables = tables
    self.arenaSize = arenaSize
    self.chunk = chunk
    classCount = network.classCount
  }

  /// The arena of a chunk should leave half of a 1 MiB L2 cache to the weights; 32 pictures are enough to reuse a dense
  /// layer's weights.
  private static func chunk(arenaSize: Int) -> Int {
    max(1, min(32, 512 * 1024 / max(arenaSize, 1)))
  }
}

/// Chooses the stride and border of each value from what reads it.
private func layOutValues(
  _ network: borrowing Network, _ methods: borrowing Buffer<LayerMethod>, _ kernels: dnn_kernels
) throws(Failure) -> Buffer<ValueLayout> {
  let count = network.layers.count
  let values = try Buffer<ValueLayout>(count: count + 1)
  for value in 0..<values.count { values[value] = ValueLayout(network.shape(ofValue: value)) }

  // A flattened value is a view as long as only dense layers read it.
  let needsCopy = try Buffer<Bool>(count: values.count)
  let needsVectors = try Buffer<Bool>(count: values.count)
  for index in 0..<count {
    let layer = network.layers[index]
    for input in 0..<layer.inputCount {
      let value = input == 0 ? layer.inputs.0 : layer.inputs.1
      if layer.kind != .dense { needsCopy[value] = true }
      if layer.kind != .dense && layer.kind != .convolution && layer.kind != .flatten { needsVectors[value] = true }
      if layer.kind == .convolution {
        values.start[value].border.cover(layer.window)
        switch methods[index].convolution {
        case .product: break
        case .depthwise: needsVectors[value] = true
        case .winograd(let outputs):
          needsVectors[value] = true
          values.start[value].border.cover(
            WinogradPlanning.border(layer, input: values[value].shape, outputs: outputs))
        }
      }
    }
  }
  for index in 0..<count where network.layers[index].kind == .flatten && !needsCopy[index + 1] {
    let source = network.layers[index].inputs.0
    values.start[index + 1].viewOf = values[source].viewOf ?? source
  }
  var written: Int64 = 0
  for value in 0..<values.count where values[value].viewOf == nil {
    let channels = values[value].shape.channels
    let isDense = network.isInteger || (value == 0 && !needsVectors[0])
    values.start[value].pixelStride = isDense ? channels : roundUp(channels, to: kernels.lanes)
    if network.isInteger && value > 0 && network.writesLogits(value - 1) {
      values.start[value].pixelStride = channels * MemoryLayout<Int32>.size
    }
    try values.start[value].finish(elementSize: network.isInteger ? 1 : MemoryLayout<Float>.size)
    // Padding costs no operation, but every border is written for every picture. No overflow: 2^13 values of 2^27 elements.
    written &+= Int64(values[value].size)
    guard written <= Limits.writtenElements else {
      throw Failure(
        .outOfMemory, layer: value - 1, "with padding, values have over \(Limits.writtenElements) elements up to here")
    }
  }
  return values
}

/// Gives each value its place in the arena; places are reused once the last reader of a value is done.
///
/// - Returns: the arena's elements for one picture, at most `limit`.
private func placeValues(
  _ network: borrowing Network, _ methods: borrowing Buffer<LayerMethod>, _ values: borrowing Buffer<ValueLayout>,
  limit: Int
) throws(Failure) -> Int {
  let count = network.layers.count
  let lastUse = try Buffer<Int>(count: values.count)
  for index in 0..<count {
    let layer = network.layers[index]
    for input in 0..<layer.inputCount {
      let value = input == 0 ? layer.inputs.0 : layer.inputs.1
      lastUse[values[value].viewOf ?? value] = index
      // A view keeps alive what it shows.
      lastUse[value] = index
    }
  }
  // Values that hold memory now, by ascending offset.
  let live = try Buffer<Int>(count: values.count)
  var liveCount = 0
  var arenaSize = 0
  for value in 0..<values.count where values[value].viewOf == nil {
    if value > 0 && methods[value - 1].poolsNext { continue }  // pooled at once, never stored
    // The layer that writes the value; it still reads its own inputs.
    let now = value > 0 && methods[value - 1].isDone ? value - 2 : value - 1
    var kept = 0
    for index in 0..<liveCount where lastUse[live[index]] >= now {
      live[kept] = live[index]
      kept += 1
    }
    liveCount = kept
    var (offset, position) = (0, 0)
    while position < liveCount, values[live[position]].offset - offset < values[value].size {
      offset = max(offset, values[live[position]].offset + values[live[position]].size)
      position += 1
    }
    for index in stride(from: liveCount, to: position, by: -1) { live[index] = live[index - 1] }
    live[position] = value
    liveCount += 1
    values.start[value].offset = offset
    // Both are at most 2^30, so their sum fits 32 bits.
    guard offset + values[value].size <= limit else {
      throw Failure(.outOfMemory, "one picture's values take over 1 GiB")
    }
    arenaSize = max(arenaSize, offset + values[value].size)
  }
  return arenaSize
}
