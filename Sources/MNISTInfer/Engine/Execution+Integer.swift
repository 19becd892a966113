import CKernels

extension Execution {
  /// Runs one step of an integer model.
  func run(
    _ operation: IntegerOperation, _ step: Step, count: Int, probabilities: UnsafeMutablePointer<Float>
  ) {
    let output = layout(step.output)
    fillBorder(output, count: count, with: UInt8(quantization(step.output).zeroPoint))
    switch operation {
    case .product(let product): run(product, step, count)
    case .maxPool(let window): runPool(window, step, count, isMaximum: true)
    case .averagePool(let window): runPool(window, step, count, isMaximum: false)
    case .add(let sum): run(sum, step, count)
    case .table(let table): apply(table, step, count)
    case .flatten: flatten(step, count)
    case .softmax(let softmax):
      for picture in share(count) {
        run(softmax, step, picture, probabilities + picture * plan.pointee.classCount)
      }
    }
  }

  private func quantization(_ value: Int) -> Quantization { plan.pointee.quantizations[value] }

  /// Pixels are the numbers that an integer model computes with.
  func copyBytes(_ pictures: UnsafePointer<UInt8>, count: Int, to value: ValueLayout) {
    fillBorder(value, count: count, with: UInt8(quantization(0).zeroPoint))
    let shape = value.shape
    let size = shape.width * shape.channels
    for row in share(count * shape.height) {
      let (picture, y) = (row / shape.height, row % shape.height)
      (bytes(value, picture) + value.pixel(y, 0)).copy(from: pictures + row * size, count: size)
    }
  }

  private func run(_ product: UnsafePointer<IntegerOperation.Product>, _ step: Step, _ count: Int) {
    let (input, output) = (source(step), layout(step.output))
    let tables = product.pointee.tables
    let kernels = plan.pointee.integerKernels
    let offsets = UnsafePointer(plan.pointee.tables.offsets.start)
    let panels = Panels(
      lanes: kernels.lanes, widest: kernels.widest_panel, paddedColumns: product.pointee.paddedColumns)
    var job = dnn_integer_gemm_job()
    job.tap_offsets = offsets + tables.tapOffsets
    job.taps = tables.taps
    job.depth = tables.depth
    job.shift = UInt32(product.pointee.shift)
    job.zero_point = Int32(quantization(step.output).zeroPoint)
    (job.lower, job.upper) = (Int32(product.pointee.lower), Int32(product.pointee.upper))
    job.pool = tables.pools ? 1 : 0
    job.scratch = scratch.assumingMemoryBound(to: Int32.self)
    forEachShare(of: tables, count: count, panels: panels.count, splits: product.pointee.groups == 1) {
      picture, rows, share in
      job.rows = rows.count * tables.rowsEach
      job.row_offsets = offsets + tables.rowOffsets + rows.lowerBound * tables.rowsEach
      job.output_offsets = offsets + tables.outputOffsets + rows.lowerBound
      for group in 0..<product.pointee.groups {
        job.input = UnsafePointer(bytes(input, picture)) + group * product.pointee.groupDepth
        run(product, job, panels, share, group: group, output: bytes(output, picture))
      }
      if product.pointee.writesLogits { scaleLogits(product, job, share, panels, bytes(output, picture)) }
    }
  }

  private func run(
    _ product: UnsafePointer<IntegerOperation.Product>, _ base: dnn_integer_gemm_job, _ panels: Panels,
    _ share: Range<Int>,
    group: Int, output: UnsafeMutablePointer<UInt8>
  ) {
    let kernels = plan.pointee.integerKernels
    let integers = plan.pointee.tables.integers.start
    let weights = UnsafeRawPointer(integers + product.pointee.weights + group * product.pointee.groupSize)
      .assumingMemoryBound(to: Int8.self)
    let quads = product.pointee.tables.taps * divideUp(product.pointee.tables.depth, by: 4)
    var job = base
    panels.forEach { index, first, width in
      if !share.contains(index) { return }
      job.panel = width
      job.columns = min(width, product.pointee.columns - first)
      job.weights = weights + quads * first * kernels.quad_size
      let column = group * product.pointee.paddedColumns + first
      job.bias = UnsafePointer(integers + product.pointee.bias + column)
      job.multipliers = UnsafePointer(integers + product.pointee.multipliers + column)
      let channel = group * product.pointee.columns + first
      if product.pointee.writesLogits {
        job.sums = UnsafeMutableRawPointer(output).assumingMemoryBound(to: Int32.self) + channel
      } else {
        job.output = output + channel
      }
      withUnsafePointer(to: job) { kernels.gemm($0) }
    }
  }

  /// Logits keep 32 bits: a few numbers a picture, scaled one by one.
  private func scaleLogits(
    _ product: UnsafePointer<IntegerOperation.Product>, _ job: dnn_integer_gemm_job, _ share: Range<Int>,
    _ panels: Panels,
    _ output: UnsafeMutablePointer<UInt8>
  ) {
    let sums = UnsafeMutableRawPointer(output).assumingMemoryBound(to: Int32.self)
    let multipliers = plan.pointee.tables.integers.start + product.pointee.multipliers
    let factorShift = product.pointee.shift
    for row in 0..<Int(job.rows) {
      let logits = sums + Int(job.output_offsets[row]) / 4
      for group in 0..<product.pointee.groups {
        panels.forEach { index, first, width in
          if !share.contains(index) { return }
          for column in first..<min(first + width, product.pointee.columns) {
            let multiplier = multipliers[group * product.pointee.paddedColumns + column]
            let place = logits + group * product.pointee.columns + column
            place.pointee = Int32(clamping: FixedPoint(multiplier: multiplier, shift: factorShift).scale(place.pointee))
          }
        }
      }
    }
  }

  private func runPool(_ window: Window, _ step: Step, _ count: Int, isMaximum: Bool) {
    let (input, output) = (source(step), layout(step.output))
    let shape = output.shape
    var job = dnn_integer_pool_job()
    job.row_stride = input.rowStride
    job.pixel_stride = input.pixelStride
    job.channels = shape.channels
    var factor = FixedPoint(multiplier: 0, shift: 0)
    var elements = 0
    for pixel in share(count * shape.height * shape.width) {
      let (picture, place) = pixel.quotientAndRemainder(dividingBy: shape.height * shape.width)
      let (y, x) = (place / shape.width, place % shape.width)
      let (rows, columns) = (window.rows(at: y, of: input.shape), window.columns(at: x, of: input.shape))
      (job.window_height, job.window_width) = (rows.count, columns.count)
      job.input = UnsafePointer(bytes(input, picture)) + input.pixel(rows.lowerBound, columns.lowerBound)
      let target = bytes(output, picture) + output.pixel(y, x)
      if isMaximum {
        job.largest = target
        withUnsafePointer(to: job) { plan.pointee.integerKernels.pool($0) }
        continue
      }
      if rows.count * columns.count != elements {
        elements = rows.count * columns.count
        factor = averageFactor(step, elements: elements)
      }
      average(job, step, factor, elements: elements, to: target)
    }
  }

  private func averageFactor(_ step: Step, elements: Int) -> FixedPoint {
    FixedPoint.average(
      input: quantization(step.inputs.0), output: quantization(step.output), elements: elements)
  }

  private func average(
    _ base: dnn_integer_pool_job, _ step: Step, _ factor: FixedPoint, elements: Int,
    to target: UnsafeMutablePointer<UInt8>
  ) {
    let zeroIn = quantization(step.inputs.0).zeroPoint
    let zeroOut = quantization(step.output).zeroPoint
    let sums = scratch.assumingMemoryBound(to: Int32.self)
    var job = base
    job.sums = sums
    withUnsafePointer(to: job) { plan.pointee.integerKernels.pool($0) }
    for channel in 0..<Int(job.channels) {
      let mean = factor.scale(sums[channel] - Int32(zeroIn * elements))
      target[channel] = UInt8(clamping: Int64(zeroOut) + mean)
    }
  }

  private func run(_ sum: IntegerOperation.Sum, _ step: Step, _ count: Int) {
    let (a, b, output) = (layout(step.inputs.0), layout(step.inputs.1), layout(step.output))
    var job = dnn_integer_add_job()
    job.zero_a = Int32(quantization(step.inputs.0).zeroPoint)
    job.zero_b = Int32(quantization(step.inputs.1).zeroPoint)
    job.zero_point = Int32(quantization(step.output).zeroPoint)
    (job.factor_a, job.factor_b, job.shift) = (sum.first, sum.second, UInt32(sum.shift))
    (job.lower, job.upper) = (Int32(sum.lower), Int32(sum.upper))
    job.count = output.shape.width * output.shape.channels
    for row in share(count * output.shape.height) {
      let (picture, y) = (row / output.shape.height, row % output.shape.height)
      job.a = UnsafePointer(bytes(a, picture)) + a.pixel(y, 0)
      job.b = UnsafePointer(bytes(b, picture)) + b.pixel(y, 0)
      job.output = bytes(output, picture) + output.pixel(y, 0)
      withUnsafePointer(to: job) { plan.pointee.integerKernels.add($0) }
    }
  }

  private func apply(_ table: UnsafePointer<UInt8>, _ step: Step, _ count: Int) {
    let (input, output) = (layout(step.inputs.0), layout(step.output))
    for row in share(count * output.shape.height) {
      let (picture, y) = (row / output.shape.height, row % output.shape.height)
      let from = bytes(input, picture) + input.pixel(y, 0)
      let to = bytes(output, picture) + output.pixel(y, 0)
      for index in 0..<output.shape.width * output.shape.channels { to[index] = table[Int(from[index])] }
    }
  }

  private func run(
    _ softmax: IntegerOperation.Softmax, _ step: Step, _ picture: Int, _ probabilities: UnsafeMutablePointer<Float>
  ) {
    let input = layout(step.inputs.0)
    let classes = plan.pointee.classCount
    let start = bytes(input, picture) + input.pixel(0, 0)
    if softmax.readsLogits {
      let logits = UnsafeMutableRawPointer(start).assumingMemoryBound(to: Int32.self)
      integerSoftmax(classes, softmax.factor, probabilities) { logits[$0] }
    } else {
      integerSoftmax(classes, softmax.factor, probabilities) { Int32(start[$0]) }
    }
  }
}
