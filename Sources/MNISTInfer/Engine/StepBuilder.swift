import CKernels

/// Turns layers into steps, in two passes: `init` counts the constants and offsets they need, `build` writes them into memory
/// allocated in between.
struct StepBuilder: ~Copyable {
  private let kernels: dnn_kernels
  private let chunk: Int
  private(set) var constantCount = 0
  private(set) var offsetCount = 0
  private(set) var scratchSize = 0
  let products: Buffer<Step.Product>
  let winograds: Buffer<Step.Winograd>
  let depthwises: Buffer<Step.Depthwise>

  /// Some 50 ns of vector arithmetic: less than it takes threads to wait for each other.
  static let fewestSharedOperations: Int64 = 2048

  init(
    _ network: borrowing Network, _ methods: borrowing Buffer<LayerMethod>, _ values: borrowing Buffer<ValueLayout>,
    _ kernels: dnn_kernels, chunk: Int
  ) throws(Failure) {
    self.kernels = kernels
    self.chunk = chunk
    let products = try Buffer<Step.Product>(count: network.layers.count)
    let winograds = try Buffer<Step.Winograd>(count: network.layers.count)
    let depthwises = try Buffer<Step.Depthwise>(count: network.layers.count)
    self.products = products
    self.winograds = winograds
    self.depthwises = depthwises
    for index in 0..<network.layers.count {
      let layer = network.layers[index]
      guard layer.kind == .convolution || layer.kind == .dense else { continue }
      let input = values.memory(ofValue: layer.inputs.0)
      let pools = methods[index].poolsNext
      let output = network.layers[pools ? index + 1 : index].output
      switch methods[index].convolution {
      case .product:
        let tensor = StepBuilder.readyTensor(layer, network, kernels)
        let product = reserveProduct(layer, tensor, input: input, output: output, pools: pools)
        self.products[index] = product
      case .winograd(let outputs):
        let winograd = reserveWinograd(layer, input: input, output: output, outputs: outputs, pools: pools)
        self.winograds[index] = winograd
      case .depthwise:
        let depthwise = reserveDepthwise(layer, input: input)
        self.depthwises[index] = depthwise
      }
    }
  }

  /// Decides a product's sizes and gives it its places in the tables.
  private mutating func reserveProduct(
    _ layer: Layer, _ tensor: UnsafePointer<Float>?, input: ValueLayout, output: Shape, pools: Bool
  ) -> Step.Product {
    let window = StepBuilder.window(of: layer, input)
    let groups = window.groups
    let tables = RowTables(window, input: input, output: output, pools: pools, chunk: chunk, at: offsetCount)
    let columns = output.channels / groups
    let paddedColumns = roundUp(columns, to: kernels.lanes)
    let isWhole = groups == 1 || columns == paddedColumns
    let product = Step.Product(
      tables: tables, groups: groups, groupDepth: input.shape.channels / groups,
      blockOffsets: isWhole ? nil : tables.end, columns: columns, paddedColumns: paddedColumns,
      weights: tensor == nil ? constantCount : nil,
      bias: constantCount + (tensor == nil ? groups * tables.taps * tables.depth * paddedColumns : 0), tensor: tensor)
    offsetCount = tables.end
    if !isWhole {
      scratchSize = max(scratchSize, roundUp(Step.Product.block * paddedColumns, to: memoryAlignment / 4))
      offsetCount += Step.Product.block
    }
    constantCount = roundUp(product.bias + groups * paddedColumns, to: memoryAlignment / 4)
    return product
  }

  /// A weight tensor that products can read as it stands in the file: its rows of columns are whole vectors. It then costs no
  /// memory and no time to pack.
  private static func readyTensor(
    _ layer: Layer, _ network: borrowing Network, _ kernels: dnn_kernels
  ) -> UnsafePointer<Float>? {
    guard let index = layer.weights, layer.kind == .dense || layer.window.groups == 1 else { return nil }
    let tensor = network.tensors[index]
    let isReady = tensor.type == .float32 && tensor.lastDimension % kernels.lanes == 0
    return isReady ? tensor.floats : nil
  }

  /// `output` is the pooled shape where the tiles are pooled, and tiles are placed for what of it there is.
  private mutating func reserveWinograd(
    _ layer: Layer, input: ValueLayout, output: Shape, outputs: Int, pools: Bool
  ) -> Step.Winograd {
    let depth = input.shape.channels
    let paddedColumns = roundUp(output.channels, to: kernels.lanes)
    let stored = pools ? outputs / 2 : outputs
    var winograd = Step.Winograd(
      outputs: outputs, pools: pools, tileRows: divideUp(output.height, by: stored),
      tileColumns: divideUp(output.width, by: stored), depth: depth, paddedDepth: input.pixelStride,
      paddedColumns: paddedColumns, padTop: layer.window.padTop, padLeft: layer.window.padLeft, weights: constantCount,
      bias: 0, zeros: 0, rowOffsets: offsetCount)
    winograd.bias = constantCount + winograd.planes * depth * paddedColumns
    winograd.zeros = winograd.bias + paddedColumns
    constantCount = roundUp(winograd.zeros + paddedColumns, to: memoryAlignment / 4)
    offsetCount += 2 * Step.Winograd.block
    scratchSize = max(scratchSize, roundUp(winograd.scratchSize(lanes: kernels.lanes), to: memoryAlignment / 4))
    return winograd
  }

  private mutating func reserveDepthwise(_ layer: Layer, input: ValueLayout) -> Step.Depthwise {
    let taps = layer.window.height * layer.window.width
    let channels = input.pixelStride
    let depthwise = Step.Depthwise(
      window: layer.window, taps: taps, tapOffsets: offsetCount, channels: channels, weights: constantCount,
      bias: constantCount + taps * channels)
    offsetCount += taps
    constantCount = roundUp(depthwise.bias + channels, to: memoryAlignment / 4)
    return depthwise
  }

  func build(
    _ network: borrowing Network, _ methods: borrowing Buffer<LayerMethod>, _ values: borrowing Buffer<ValueLayout>,
    steps: borrowing Buffer<Step>, constants: borrowing Buffer<Float>, offsets: borrowing Buffer<Int32>
  ) {
    for index in 0..<network.layers.count {
      let layer = network.layers[index]
      let input = values.memory(ofValue: layer.inputs.0)
      let method = methods[index]
      let isView = values[index + 1].viewOf != nil || method.isDone
      steps[index] = Step(
        operation: operation(layer, index, method, input: input, isView: isView), inputs: layer.inputs,
        output: method.poolsNext ? index + 2 : index + 1, activation: layer.activation.rawValue,
        activationParameter: layer.activationParameter,
        isSolo: !isView && operationCount(layer, of: network) < StepBuilder.fewestSharedOperations)
      switch steps[index].operation {
      case .product(let place):
        let product = place.pointee
        product.tables.write(
          StepBuilder.window(of: layer, input), input: input, output: values[steps[index].output], to: offsets.start)
        if let block = product.blockOffsets {
          for row in 0..<Step.Product.block { offsets[block + row] = Int32(row * product.paddedColumns) }
        }
        writeConstants(product, layer, network, to: constants)
      case .winograd(let place):
        let winograd = place.pointee
        WinogradPlanning.writeWeights(winograd, layer, network, kernels, to: constants.start)
        writeBias(layer, first: 0, count: layer.output.channels, network, to: constants.start + winograd.bias)
        for row in 0..<Step.Winograd.block {
          offsets[winograd.rowOffsets + row] = Int32(row * winograd.paddedDepth)
          offsets[winograd.rowOffsets + Step.Winograd.block + row] = Int32(row * winograd.paddedColumns)
        }
      case .depthwise(let depthwise):
        writeDepthwise(depthwise.pointee, layer, input: input, network, constants: constants, offsets: offsets)
      default: break
      }
    }
  }

  private func operation(
    _ layer: Layer, _ index: Int, _ method: LayerMethod, input: ValueLayout, isView: Bool
  ) -> Step.Operation {
    if isView { return .nothing }
    switch layer.kind {
    case .convolution, .dense:
      switch method.convolution {
      case .product: return .product(products.start + index)
      case .winograd: return .winograd(winograds.start + index)
      case .depthwise: return .depthwise(depthwises.start + index)
      }
    case .maxPool: return .pool(Step.Pool(window: layer.window, isMaximum: true))
    case .averagePool: return .pool(Step.Pool(window: layer.window, isMaximum: false))
    case .globalAveragePool:
      return .pool(Step.Pool(window: Window(covering: input.shape), isMaximum: false))
    case .add: return .add
    case .activation: return .activate
    case .flatten: return .flatten
    case .softmax: return .softmax
    }
  }

  private func writeDepthwise(
    _ depthwise: Step.Depthwise, _ layer: Layer, input: ValueLayout, _ network: borrowing Network,
    constants: borrowing Buffer<Float>, offsets: borrowing Buffer<Int32>
  ) {
    let window = layer.window
    let channels = layer.output.channels
    for tap in 0..<depthwise.taps {
      offsets[depthwise.tapOffsets + tap] = Int32(
        tap / window.width * window.dilationHeight * input.rowStride
          + tap % window.width * window.dilationWidth * input.pixelStride)
      guard let weights = layer.weights else { continue }
      for channel in 0..<channels {
        constants[depthwise.weights + tap * depthwise.channels + channel] = network.weight(
          weights, tap * channels + channel)
      }
    }
    writeBias(layer, first: 0, count: channels, network, to: constants.start + depthwise.bias)
  }

  private func writeConstants(
    _ product: Step.Product, _ layer: Layer, _ network: borrowing Network, to constants: borrowing Buffer<Float>
  ) {
    guard let tensor = layer.weights else { return }
    let panels = Panels(kernels, paddedColumns: product.paddedColumns)
    let depth = product.tables.taps * product.tables.depth
    for group in 0..<product.groups {
      let first = group * product.columns
      if let weights = product.weights {
        panels.pack(
          network.tensors, tensor, firstColumn: first, columns: product.columns, depth: depth,
          into: constants.start + weights + group * depth * product.paddedColumns)
      }
      writeBias(
        layer, first: first, count: product.columns, network,
        to: constants.start + product.bias + group * product.paddedColumns)
    }
  }

  private func writeBias(
    _ layer: Layer, first: Int, count: Int, _ network: borrowing Network, to place: UnsafeMutablePointer<Float>
  ) {
    if let bias = layer.bias { place.copy(from: network.tensors[bias].floats + first, count: count) }
  }

  /// A dense layer is a convolution whose kernel covers its whole input.
  static func window(of layer: Layer, _ input: ValueLayout) -> Window {
    layer.kind == .dense ? Window(covering: input.shape) : layer.window
  }
}
