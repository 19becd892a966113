import CKernels

/// Turns the layers of an integer model into steps, in two passes as `StepBuilder` does.
struct IntegerStepBuilder: ~Copyable {
  private let kernels: dnn_integer_kernels
  private let chunk: Int
  private(set) var integerCount = 0
  private(set) var offsetCount = 0
  let products: Buffer<IntegerOperation.Product>

  init(
    _ network: borrowing Network, _ methods: borrowing Buffer<LayerMethod>, _ values: borrowing Buffer<ValueLayout>,
    _ kernels: dnn_integer_kernels, chunk: Int
  ) throws(Failure) {
    self.kernels = kernels
    self.chunk = chunk
    products = try Buffer<IntegerOperation.Product>(count: network.layers.count)
    for index in 0..<network.layers.count {
      let layer = network.layers[index]
      guard layer.kind == .convolution || layer.kind == .dense else { continue }
      let pools = methods[index].poolsNext
      let output = network.layers[pools ? index + 1 : index].output
      let product = reserve(network, index, input: values.memory(ofValue: layer.inputs.0), output: output, pools: pools)
      products[index] = product
    }
  }

  private mutating func reserve(
    _ network: borrowing Network, _ index: Int, input: ValueLayout, output: Shape, pools: Bool
  ) -> IntegerOperation.Product {
    let layer = network.layers[index]
    let window = StepBuilder.window(of: layer, input)
    let tables = RowTables(window, input: input, output: output, pools: pools, chunk: chunk, at: offsetCount)
    let columns = output.channels / window.groups
    let paddedColumns = roundUp(columns, to: kernels.lanes)
    let groupSize = tables.taps * divideUp(tables.depth, by: 4) * paddedColumns * kernels.quad_size / 4
    let bounds = network.outputBounds(index)
    let bias = roundUp(integerCount + window.groups * groupSize, to: memoryAlignment / 4)
    let multipliers = bias + window.groups * paddedColumns
    let product = IntegerOperation.Product(
      tables: tables, groups: window.groups, groupDepth: input.shape.channels / window.groups, columns: columns,
      paddedColumns: paddedColumns, weights: integerCount, groupSize: groupSize, bias: bias, multipliers: multipliers,
      shift: 0, lower: bounds.lower, upper: bounds.upper, writesLogits: network.writesLogits(index))
    offsetCount = tables.end
    integerCount = roundUp(multipliers + window.groups * paddedColumns, to: memoryAlignment / 4)
    return product
  }

  func build(
    _ network: borrowing Network, _ methods: borrowing Buffer<LayerMethod>, _ values: borrowing Buffer<ValueLayout>,
    steps: borrowing Buffer<Step>, integers: borrowing Buffer<Int32>, offsets: borrowing Buffer<Int32>
  ) throws(Failure) {
    for index in 0..<network.layers.count {
      let layer = network.layers[index]
      let method = methods[index]
      let isView = values[index + 1].viewOf != nil || method.isDone
      let output = method.poolsNext ? index + 2 : index + 1
      var operation = Step.Operation.nothing
      if layer.kind == .convolution || layer.kind == .dense {
        products[index] = try write(
          network, index, input: values.memory(ofValue: layer.inputs.0), output: values[output], integers: integers,
          offsets: offsets)
        operation = .integer(.product(products.start + index))
      } else if !isView {
        operation = .integer(self.operation(network, index))
      }
      steps[index] = Step(
        operation: operation, inputs: layer.inputs, output: output, activation: layer.activation.rawValue,
        activationParameter: layer.activationParameter,
        isSolo: !isView && operationCount(layer, of: network) < StepBuilder.fewestSharedOperations)
    }
  }

  private func operation(_ network: borrowing Network, _ index: Int) -> IntegerOperation {
    let layer = network.layers[index]
    switch layer.kind {
    case .maxPool: return .maxPool(layer.window)
    case .averagePool: return .averagePool(layer.window)
    case .globalAveragePool: return .averagePool(Window(covering: network.inputShape(ofLayer: index)))
    case .add:
      let factors = network.sumFactors(index)
      let bounds = network.outputBounds(index)
      return .add(
        IntegerOperation.Sum(
          first: factors.first, second: factors.second, shift: factors.shift, lower: bounds.lower, upper: bounds.upper))
    case .softmax:
      let writer = layer.inputs.0 - 1
      return .softmax(
        IntegerOperation.Softmax(
          factor: network.softmaxFactor(index), readsLogits: writer >= 0 && network.writesLogits(writer)))
    case .activation:
      if let table = layer.weights {
        return .table(network.tensors[table].elements.assumingMemoryBound(to: UInt8.self))
      }
      return .flatten
    case .flatten, .convolution, .dense: return .flatten
    }
  }

  /// Packs the weights, folds the input's zero point into the bias, and writes multipliers and offsets.
  private func write(
    _ network: borrowing Network, _ index: Int, input: ValueLayout, output: ValueLayout,
    integers: borrowing Buffer<Int32>, offsets: borrowing Buffer<Int32>
  ) throws(Failure) -> IntegerOperation.Product {
    let layer = network.layers[index]
    var product = products[index]
    product.tables.write(
      StepBuilder.window(of: layer, input), input: input, output: output, to: offsets.start)
    guard let tensor = layer.weights else { return product }
    let weights = network.tensors[tensor].bytes
    let factors = try Buffer<Int32>(count: layer.output.channels)
    product.shift = network.columnFactors(index, into: factors.start)
    for group in 0..<product.groups {
      let first = group * product.columns
      pack(product, weights, group: group, stride: layer.output.channels, integers)
      for column in 0..<product.columns {
        integers[product.multipliers + group * product.paddedColumns + column] = factors[first + column]
      }
      let bias = integers.start + product.bias + group * product.paddedColumns
      if let tensor = layer.bias { bias.copy(from: network.tensors[tensor].integers + first, count: product.columns) }
      foldZeroPoint(network, layer, product, weights + first, into: bias)
    }
    return product
  }

  /// The sum over (q - zero point) * weight is that over q * weight less the zero point times the sum of the weights. Nothing
  /// leaves 32 bits: that was checked when the file was read.
  private func foldZeroPoint(
    _ network: borrowing Network, _ layer: Layer, _ product: IntegerOperation.Product, _ weights: UnsafePointer<Int8>,
    into bias: UnsafeMutablePointer<Int32>
  ) {
    let zeroPoint = Int32(network.quantization(ofValue: layer.inputs.0).zeroPoint)
    if zeroPoint == 0 { return }
    for row in 0..<product.tables.taps * product.tables.depth {
      let line = weights + row * layer.output.channels
      for column in 0..<product.columns { bias[column] &-= zeroPoint &* Int32(line[column]) }
    }
  }

  private func pack(
    _ product: IntegerOperation.Product, _ weights: UnsafePointer<Int8>, group: Int, stride: Int,
    _ integers: borrowing Buffer<Int32>
  ) {
    let depth = product.tables.depth
    let quads = divideUp(depth, by: 4)
    let start = integers.start + product.weights + group * product.groupSize
    let packed = UnsafeMutableRawPointer(start).assumingMemoryBound(to: Int8.self)
    let panels = Panels(
      lanes: kernels.lanes, widest: kernels.widest_panel, paddedColumns: product.paddedColumns)
    panels.forEach { _, first, width in
      for tap in 0..<product.tables.taps {
        var job = dnn_integer_pack_job()
        job.weights = weights + tap * depth * stride + group * product.columns + first
        job.depth = depth
        job.columns = min(width, product.columns - first)
        job.panel = width
        job.stride = stride
        job.packed =
          packed + product.tables.taps * quads * first * kernels.quad_size + tap * quads * width * kernels.quad_size
        withUnsafePointer(to: job) { kernels.pack($0) }
      }
    }
  }
}
