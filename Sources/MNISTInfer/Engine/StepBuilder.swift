import CKernels

/// Turns layers into steps, in two passes: `init` counts the constants and offsets they need, `build` writes them into memory
/// allocated in between.
struct StepBuilder: ~Copyable {
  private let kernels: dnn_kernels
  private let chunk: Int
  private(set) var constantCount = 0
  private(set) var offsetCount = 0
  private(set) var scratchSize = 0
  private let products: Buffer<Step.Product>
  private let winograds: Buffer<Step.Winograd>

  /// Some 50 ns of vector arithmetic: less than it takes threads to wait for each other.
  private static let fewestSharedOperations = 2048

  init(
    _ network: borrowing Network, _ values: borrowing Buffer<ValueLayout>, _ kernels: dnn_kernels, chunk: Int
  ) throws(Failure) {
    self.kernels = kernels
    self.chunk = chunk
    let products = try Buffer<Step.Product>(count: network.layers.count)
    let winograds = try Buffer<Step.Winograd>(count: network.layers.count)
    self.products = products
    self.winograds = winograds
    for index in 0..<network.layers.count {
      let layer = network.layers[index]
      let input = source(of: layer, values)
      if WinogradPlanning.isFaster(layer, input: input.shape) {
        let winograd = reserveWinograd(layer, input: input)
        self.winograds[index] = winograd
      } else if layer.kind == .convolution || layer.kind == .dense {
        let product = reserveProduct(layer, input: input)
        self.products[index] = product
      }
    }
  }

  /// Decides a product's sizes and gives it its places in the tables.
  private mutating func reserveProduct(_ layer: Layer, input: ValueLayout) -> Step.Product {
    let window = StepBuilder.window(of: layer, input)
    let groups = window.groups
    let runs = TapRuns(window, input)
    let rows = layer.output.height * layer.output.width
    let columns = layer.output.channels / groups
    let paddedColumns = roundUp(columns, to: kernels.lanes)
    let tableRows = rows == 1 ? chunk : rows
    let product = Step.Product(
      rows: rows, rowOffsets: offsetCount, outputOffsets: offsetCount + tableRows, taps: runs.count,
      tapOffsets: offsetCount + 2 * tableRows, depth: runs.depth, groups: groups,
      groupDepth: input.shape.channels / groups, columns: columns,
      paddedColumns: paddedColumns, weights: constantCount,
      bias: constantCount + groups * runs.count * runs.depth * paddedColumns)
    if groups > 1 { scratchSize = max(scratchSize, roundUp(paddedColumns, to: memoryAlignment / 4)) }
    offsetCount += 2 * tableRows + runs.count
    constantCount = roundUp(product.bias + groups * paddedColumns, to: memoryAlignment / 4)
    return product
  }

  private mutating func reserveWinograd(_ layer: Layer, input: ValueLayout) -> Step.Winograd {
    let depth = input.shape.channels
    let paddedColumns = roundUp(layer.output.channels, to: kernels.lanes)
    let bias = constantCount + Step.Winograd.planes * depth * paddedColumns
    let winograd = Step.Winograd(
      tileRows: WinogradPlanning.tileCount(layer.output.height),
      tileColumns: WinogradPlanning.tileCount(layer.output.width), depth: depth, paddedDepth: input.pixelStride,
      paddedColumns: paddedColumns, padTop: layer.window.padTop, padLeft: layer.window.padLeft, weights: constantCount,
      bias: bias, zeros: bias + paddedColumns, rowOffsets: offsetCount)
    constantCount = roundUp(winograd.zeros + paddedColumns, to: memoryAlignment / 4)
    offsetCount += 2 * Step.Winograd.block
    scratchSize = max(scratchSize, roundUp(winograd.scratchSize(lanes: kernels.lanes), to: memoryAlignment / 4))
    return winograd
  }

  func build(
    _ network: borrowing Network, _ values: borrowing Buffer<ValueLayout>, steps: borrowing Buffer<Step>,
    constants: borrowing Buffer<Float>, offsets: borrowing Buffer<Int32>
  ) {
    for index in 0..<network.layers.count {
      let layer = network.layers[index]
      let input = source(of: layer, values)
      let isView = values[index + 1].viewOf != nil
      steps[index] = Step(
        operation: operation(layer, index, input: input, isView: isView), inputs: layer.inputs,
        output: index + 1, activation: layer.activation.rawValue, activationParameter: layer.activationParameter,
        isSolo: !isView && operationCount(layer, of: network) < StepBuilder.fewestSharedOperations)
      switch steps[index].operation {
      case .product(let product):
        writeOffsets(product, layer, input: input, output: values[index + 1], to: offsets)
        writeConstants(product, layer, network, to: constants)
      case .winograd(let winograd):
        WinogradPlanning.writeWeights(winograd, layer, network, kernels, to: constants.start)
        writeBias(layer, first: 0, count: layer.output.channels, network, to: constants.start + winograd.bias)
        for row in 0..<Step.Winograd.block {
          offsets[winograd.rowOffsets + row] = Int32(row * winograd.paddedDepth)
          offsets[winograd.rowOffsets + Step.Winograd.block + row] = Int32(row * winograd.paddedColumns)
        }
      default: break
      }
    }
  }

  private func operation(_ layer: Layer, _ index: Int, input: ValueLayout, isView: Bool) -> Step.Operation {
    switch layer.kind {
    case .convolution, .dense:
      let usesWinograd = WinogradPlanning.isFaster(layer, input: input.shape)
      return usesWinograd ? .winograd(winograds[index]) : .product(products[index])
    case .maxPool: return .pool(Step.Pool(window: layer.window, isMaximum: true))
    case .averagePool: return .pool(Step.Pool(window: layer.window, isMaximum: false))
    case .globalAveragePool:
      var window = Window()
      (window.height, window.width) = (input.shape.height, input.shape.width)
      return .pool(Step.Pool(window: window, isMaximum: false))
    case .add: return .add
    case .activation: return .activate
    case .flatten: return isView ? .nothing : .flatten
    case .softmax: return .softmax
    }
  }

  private func writeOffsets(
    _ product: Step.Product, _ layer: Layer, input: ValueLayout, output: ValueLayout,
    to offsets: borrowing Buffer<Int32>
  ) {
    let window = StepBuilder.window(of: layer, input)
    if product.rows == 1 {
      for picture in 0..<chunk {
        offsets[product.rowOffsets + picture] = Int32(
          picture * input.size + input.pixel(-window.padTop, -window.padLeft))
        offsets[product.outputOffsets + picture] = Int32(picture * output.size + output.pixel(0, 0))
      }
    } else {
      for row in 0..<product.rows {
        let (y, x) = (row / layer.output.width, row % layer.output.width)
        offsets[product.rowOffsets + row] = Int32(
          input.pixel(y * window.strideHeight - window.padTop, x * window.strideWidth - window.padLeft))
        offsets[product.outputOffsets + row] = Int32(output.pixel(y, x))
      }
    }
    let runs = TapRuns(window, input)
    for tap in 0..<product.taps { offsets[product.tapOffsets + tap] = Int32(runs.offset(tap)) }
  }

  private func writeConstants(
    _ product: Step.Product, _ layer: Layer, _ network: borrowing Network, to constants: borrowing Buffer<Float>
  ) {
    guard let weights = layer.weights else { return }
    let panels = Panels(kernels, paddedColumns: product.paddedColumns)
    let depth = product.taps * product.depth
    for group in 0..<product.groups {
      let first = group * product.columns
      panels.pack(
        network.tensors, weights, firstColumn: first, columns: product.columns, depth: depth,
        into: constants.start + product.weights + group * depth * product.paddedColumns)
      writeBias(
        layer, first: first, count: product.columns, network,
        to: constants.start + product.bias + group * product.paddedColumns)
    }
  }

  private func writeBias(
    _ layer: Layer, first: Int, count: Int, _ network: borrowing Network, to place: UnsafeMutablePointer<Float>
  ) {
    if let bias = layer.bias { place.update(from: network.tensors[bias].floats + first, count: count) }
  }

  /// A dense layer is a convolution whose kernel covers its whole input.
  private static func window(of layer: Layer, _ input: ValueLayout) -> Window {
    guard layer.kind == .dense else { return layer.window }
    var window = Window()
    (window.height, window.width) = (input.shape.height, input.shape.width)
    return window
  }

  /// The memory a layer reads: behind a view, that of the picture it flattens.
  private func source(of layer: Layer, _ values: borrowing Buffer<ValueLayout>) -> ValueLayout {
    values[values[layer.inputs.0].viewOf ?? layer.inputs.0]
  }
}

/// The elements under a window, as runs of equal length that are contiguous in memory: as long as the layout allows, because
/// each run starts a loop of its own.
struct TapRuns {
  let count: Int
  /// Elements of a run.
  let depth: Int
  private let width: Int
  private let verticalStep: Int
  private let horizontalStep: Int

  init(_ window: Window, _ input: ValueLayout) {
    let channels = input.shape.channels / window.groups
    verticalStep = window.dilationHeight * input.rowStride
    horizontalStep = window.dilationWidth * input.pixelStride
    let rowIsRun = horizontalStep == channels || window.width == 1
    let windowIsRun = rowIsRun && (verticalStep == window.width * channels || window.height == 1)
    if windowIsRun {
      (count, depth, width) = (1, window.height * window.width * channels, 1)
    } else if rowIsRun {
      (count, depth, width) = (window.height, window.width * channels, 1)
    } else {
      (count, depth, width) = (window.height * window.width, channels, window.width)
    }
  }

  /// Floats from the window's first element to that of a run.
  func offset(_ run: Int) -> Int { run / width * verticalStep + run % width * horizontalStep }
}
