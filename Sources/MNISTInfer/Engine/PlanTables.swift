import CKernels

/// The steps of a plan, and the numbers that they point into.
struct PlanTables: ~Copyable {
  let steps: Buffer<Step>
  /// Packed weights and padded biases of a float model.
  let constants: Buffer<Float>
  /// Packed weights, biases and multipliers of an integer model.
  let integers: Buffer<Int32>
  let offsets: Buffer<Int32>
  // What the steps' operations point to.
  private let products: Buffer<Step.Product>
  private let winograds: Buffer<Step.Winograd>
  private let depthwises: Buffer<Step.Depthwise>
  private let integerProducts: Buffer<IntegerOperation.Product>
  /// Bytes that a thread needs besides the arena: for a block of Winograd's method or of a grouped convolution, or a tile's
  /// sums.
  let scratchSize: Int

  /// Of a float model.
  init(
    _ network: borrowing Network, _ methods: borrowing Buffer<LayerMethod>, _ values: borrowing Buffer<ValueLayout>,
    _ kernels: dnn_kernels, chunk: Int, _ limits: ResourceLimits
  ) throws(Failure) {
    let builder = try StepBuilder(network, methods, values, kernels, chunk: chunk)
    try PlanTables.checkCounts(builder.constantCount, builder.offsetCount, limits)
    let steps = try Buffer<Step>(count: network.layers.count)
    let constants = try Buffer<Float>(count: builder.constantCount)
    let integers = try Buffer<Int32>(count: 0)
    let integerProducts = try Buffer<IntegerOperation.Product>(count: 0)
    let offsets = try Buffer<Int32>(count: builder.offsetCount)
    builder.build(network, methods, values, steps: steps, constants: constants, offsets: offsets)
    self.steps = steps
    self.constants = constants
    self.integers = integers
    self.offsets = offsets
    self.integerProducts = integerProducts
    scratchSize = builder.scratchSize * MemoryLayout<Float>.size
    products = builder.products
    winograds = builder.winograds
    depthwises = builder.depthwises
  }

  /// Of an integer model.
  init(
    _ network: borrowing Network, _ methods: borrowing Buffer<LayerMethod>, _ values: borrowing Buffer<ValueLayout>,
    _ kernels: dnn_integer_kernels, chunk: Int, _ limits: ResourceLimits
  ) throws(Failure) {
    let builder = try IntegerStepBuilder(network, methods, values, kernels, chunk: chunk)
    try PlanTables.checkCounts(builder.integerCount, builder.offsetCount, limits)
    let steps = try Buffer<Step>(count: network.layers.count)
    let constants = try Buffer<Float>(count: 0)
    let products = try Buffer<Step.Product>(count: 0)
    let winograds = try Buffer<Step.Winograd>(count: 0)
    let depthwises = try Buffer<Step.Depthwise>(count: 0)
    let integers = try Buffer<Int32>(count: builder.integerCount)
    let offsets = try Buffer<Int32>(count: builder.offsetCount)
    try builder.build(network, methods, values, steps: steps, integers: integers, offsets: offsets)
    self.steps = steps
    self.constants = constants
    self.integers = integers
    self.offsets = offsets
    self.products = products
    self.winograds = winograds
    self.depthwises = depthwises
    integerProducts = builder.products
    // A tile's sums, or a window's of all channels.
    var count = 24 * kernels.lanes
    for index in 0..<network.layers.count { count = max(count, network.layers[index].output.channels) }
    scratchSize = roundUp(count * MemoryLayout<Int32>.size, to: memoryAlignment)
  }

  private static func checkCounts(_ constants: Int, _ offsets: Int, _ limits: ResourceLimits) throws(Failure) {
    guard constants <= maximumCount && offsets <= maximumCount else {
      throw Failure(.outOfMemory, "the model takes over 1 GiB when it is laid out to run")
    }
    let size = 4 * UInt64(constants + offsets)
    guard size <= limits.memory else {
      throw Failure(
        .outOfMemory,
        "laid out to run, the model takes \(size) bytes, over the limit of \(limits.memory): raise largest_memory")
    }
  }

  /// Bytes of the numbers.
  var size: UInt64 { 4 * UInt64(constants.count + integers.count + offsets.count) }

  /// Elements of each table, 1 GiB of them. Layers may share a tensor, and one output channel takes as much room as a vector
  /// of them, so a file can ask for far more than its size.
  private static let maximumCount = 1 << 28
}
