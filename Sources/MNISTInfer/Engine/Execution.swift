import CKernels

/// One thread's share of the work on a chunk of pictures: part `part` of `parts`.
///
/// The parts of a step write disjoint memory, and every element is computed the same way whichever part it falls to.
struct Execution {
  let plan: UnsafeMutablePointer<Plan>
  let arena: UnsafeMutablePointer<Float>
  /// What this thread needs besides: a block of rows of a convolution in groups, or of tiles of Winograd's method.
  let scratch: UnsafeMutablePointer<Float>
  let part: Int
  let parts: Int

  /// All of the work for this thread.
  var alone: Execution { Execution(plan: plan, arena: arena, scratch: scratch, part: 0, parts: 1) }

  /// The first picture of a value.
  func memory(_ value: ValueLayout) -> UnsafeMutablePointer<Float> { arena + value.offset * plan.pointee.chunk }

  func layout(_ value: Int) -> ValueLayout { plan.pointee.values[value] }

  /// The half-open share of `count` equal pieces that is this part's.
  func share(_ count: Int) -> Range<Int> { (count * part / parts)..<(count * (part + 1) / parts) }

  /// Writes 8-bit pictures, normalised, into value 0.
  func load(_ pictures: UnsafePointer<UInt8>, count: Int, _ normalisation: NormalisationRecord) {
    let value = layout(0)
    let shape = value.shape
    clearBorder(value, count: count)
    let scale =
      [normalisation.scale.0, normalisation.scale.1, normalisation.scale.2, normalisation.scale.3]
      as InlineArray<4, Float>
    let offset =
      [normalisation.offset.0, normalisation.offset.1, normalisation.offset.2, normalisation.offset.3]
      as InlineArray<4, Float>
    for row in share(count * shape.height) {
      let (picture, y) = (row / shape.height, row % shape.height)
      let source = pictures + row * shape.width * shape.channels
      let target = memory(value) + picture * value.size + value.pixel(y, 0)
      if shape.channels == 1 && value.pixelStride == 1 {
        // Grey, the usual case: a loop that the compiler turns into vectors.
        let (scale, offset) = (scale[0], offset[0])
        for x in 0..<shape.width { target[x] = Float(source[x]) * scale + offset }
        continue
      }
      for x in 0..<shape.width {
        for channel in 0..<shape.channels {
          target[x * value.pixelStride + channel] =
            Float(source[x * shape.channels + channel]) * scale[channel] + offset[channel]
        }
      }
    }
  }

  /// Runs one step on the first `count` pictures of the chunk. Softmax writes `probabilities`, count × classes.
  func run(_ step: Step, count: Int, probabilities: UnsafeMutablePointer<Float>) {
    let output = layout(step.output)
    if output.viewOf == nil { clearBorder(output, count: count) }
    switch step.operation {
    case .product(let product):
      if product.rows == 1 { runVectors(product, step, count) } else { runPictures(product, step, count) }
    case .winograd(let winograd): runWinograd(winograd, step, count)
    case .depthwise(let depthwise): runDepthwise(depthwise, step, count)
    case .pool(let pool): runPool(pool, step, count)
    case .add: runElementwise(step, count, isAddition: true)
    case .activate: runElementwise(step, count, isAddition: false)
    case .flatten: flatten(step, count)
    case .softmax:
      let input = layout(step.inputs.0)
      let classes = plan.pointee.classCount
      for picture in share(count) {
        plan.pointee.kernels.softmax(
          memory(input) + picture * input.size + input.pixel(0, 0), probabilities + picture * classes, classes)
      }
    case .nothing: break
    }
  }

  private func clearBorder(_ value: ValueLayout, count: Int) {
    if value.border.isEmpty { return }
    let shape = value.shape
    let height = shape.height + value.border.top + value.border.bottom
    for row in share(count * height) {
      let start = memory(value) + row / height * value.size + row % height * value.rowStride
      let y = row % height - value.border.top
      if y < 0 || y >= shape.height {
        start.update(repeating: 0, count: value.rowStride)
      } else {
        start.update(repeating: 0, count: value.border.left * value.pixelStride)
        (start + (value.border.left + shape.width) * value.pixelStride).update(
          repeating: 0, count: value.border.right * value.pixelStride)
      }
    }
  }
}

// MARK: Products

extension Execution {
  private func job(_ product: Step.Product, _ step: Step) -> dnn_gemm_job {
    var job = dnn_gemm_job()
    job.row_offsets = UnsafePointer(plan.pointee.offsets.start + product.rowOffsets)
    job.tap_offsets = UnsafePointer(plan.pointee.offsets.start + product.tapOffsets)
    job.output_offsets = UnsafePointer(plan.pointee.offsets.start + product.outputOffsets)
    job.taps = product.taps
    job.depth = product.depth
    job.activation = step.activation
    job.activation_parameter = step.activationParameter
    job.pool = product.pools ? 1 : 0
    return job
  }

  private func source(_ step: Step) -> ValueLayout {
    let value = layout(step.inputs.0)
    return value.viewOf.map { layout($0) } ?? value
  }

  /// Many output pixels a picture: rows are pixels, picture after picture.
  private func runPictures(_ product: Step.Product, _ step: Step, _ count: Int) {
    let (input, output) = (source(step), layout(step.output))
    let all = share(count * product.rows)
    var job = job(product, step)
    var row = all.lowerBound
    while row < all.upperBound {
      let picture = row / product.rows
      let end = min(all.upperBound, (picture + 1) * product.rows)
      job.input = UnsafePointer(memory(input) + picture * input.size)
      job.output = memory(output) + picture * output.size
      runRows(product, job, (row - picture * product.rows)..<(end - picture * product.rows))
      row = end
    }
  }

  /// One output a picture: rows are pictures. A few rows are shared out by panels, so that each thread reads its part of the
  /// weights only.
  private func runVectors(_ product: Step.Product, _ step: Step, _ count: Int) {
    let (input, output) = (source(step), layout(step.output))
    var job = job(product, step)
    job.input = UnsafePointer(memory(input))
    job.output = memory(output)
    if parts == 1 || product.groups > 1 || count >= 6 * parts {
      runRows(product, job, share(count))
    } else {
      let panels = Panels(plan.pointee.kernels, paddedColumns: product.paddedColumns)
      runRows(product, job, 0..<count, panels: share(panels.count))
    }
  }

  private func runRows(_ product: Step.Product, _ base: dnn_gemm_job, _ rows: Range<Int>, panels: Range<Int>? = nil) {
    if rows.isEmpty { return }
    var job = base
    let rowsEach = product.pools ? 4 : 1
    job.rows = rows.count * rowsEach
    job.row_offsets = base.row_offsets + rows.lowerBound * rowsEach
    job.output_offsets = base.output_offsets + rows.lowerBound
    if product.groups == 1 {
      runPanels(product, job, group: 0, panels: panels)
    } else {
      runGroups(product, job)
    }
  }

  private func runPanels(_ product: Step.Product, _ base: dnn_gemm_job, group: Int, panels: Range<Int>?) {
    let depth = product.taps * product.depth
    let bias = plan.pointee.constants.start + product.bias + group * product.paddedColumns
    var job = base
    job.weight_stride = product.tensor == nil ? 0 : product.paddedColumns
    // A single row reads weights as they stand in memory faster in one pass than in two.
    let takesPairs = base.rows == 1 && product.tensor != nil && panels == nil
    let cut = Panels(plan.pointee.kernels, paddedColumns: product.paddedColumns, takesPairs: takesPairs)
    cut.forEach { index, first, width in
      if let panels, !panels.contains(index) { return }
      job.columns = width
      if let packed = product.weights {
        job.weights = UnsafePointer(
          plan.pointee.constants.start + packed + depth * (group * product.paddedColumns + first))
      } else {
        job.weights = product.tensor! + first
      }
      job.bias = UnsafePointer(bias + first)
      job.output = base.output + first
      withUnsafePointer(to: job) { plan.pointee.kernels.gemm($0) }
    }
  }

  /// Group by group. Columns that do not fill whole vectors are computed beside the output, a block of rows at a time, and
  /// copied.
  private func runGroups(_ product: Step.Product, _ base: dnn_gemm_job) {
    for group in 0..<product.groups {
      var job = base
      job.input = base.input + group * product.groupDepth
      job.output = base.output + group * product.columns
      guard let blockOffsets = product.blockOffsets else {
        runPanels(product, job, group: group, panels: nil)
        continue
      }
      let output = job.output!
      job.output = scratch
      job.output_offsets = UnsafePointer(plan.pointee.offsets.start + blockOffsets)
      for first in stride(from: 0, to: Int(base.rows), by: Step.Product.block) {
        job.rows = min(Step.Product.block, Int(base.rows) - first)
        job.row_offsets = base.row_offsets + first
        runPanels(product, job, group: group, panels: nil)
        for row in 0..<Int(job.rows) {
          (output + Int(base.output_offsets[first + row])).update(
            from: scratch + row * product.paddedColumns, count: product.columns)
        }
      }
    }
  }

  private func runDepthwise(_ depthwise: Step.Depthwise, _ step: Step, _ count: Int) {
    let (input, output) = (source(step), layout(step.output))
    let (window, height) = (depthwise.window, output.shape.height)
    var job = dnn_depthwise_job()
    job.tap_offsets = UnsafePointer(plan.pointee.offsets.start + depthwise.tapOffsets)
    job.count = output.shape.width
    job.input_step = window.strideWidth * input.pixelStride
    job.output_step = output.pixelStride
    job.taps = depthwise.taps
    job.channels = depthwise.channels
    job.weights = UnsafePointer(plan.pointee.constants.start + depthwise.weights)
    job.bias = UnsafePointer(plan.pointee.constants.start + depthwise.bias)
    job.activation = step.activation
    job.activation_parameter = step.activationParameter
    for row in share(count * height) {
      let (picture, y) = (row / height, row % height)
      let first = input.pixel(y * window.strideHeight - window.padTop, -window.padLeft)
      job.input = UnsafePointer(memory(input) + picture * input.size + first)
      job.output = memory(output) + picture * output.size + output.pixel(y, 0)
      withUnsafePointer(to: job) { plan.pointee.kernels.depthwise($0) }
    }
  }
}

// MARK: Others

extension Execution {
  private func runPool(_ pool: Step.Pool, _ step: Step, _ count: Int) {
    let (input, output) = (source(step), layout(step.output))
    let shape = output.shape
    for row in share(count * shape.height) {
      let (picture, y) = (row / shape.height, row % shape.height)
      let from = UnsafePointer(memory(input) + picture * input.size)
      runPoolRow(pool, input, from, y, to: memory(output) + picture * output.size + output.pixel(y, 0), output)
    }
  }

  /// One row of windows. Windows that the picture's edge cuts are smaller and run one by one; padding is not in the mean.
  private func runPoolRow(
    _ pool: Step.Pool, _ input: ValueLayout, _ from: UnsafePointer<Float>, _ y: Int, to: UnsafeMutablePointer<Float>,
    _ output: ValueLayout
  ) {
    let window = pool.window
    let top = max(y * window.strideHeight - window.padTop, 0)
    let bottom = min(y * window.strideHeight - window.padTop + window.height, input.shape.height)
    var job = dnn_pool_job()
    job.row_stride = input.rowStride
    job.pixel_stride = input.pixelStride
    job.channels = input.pixelStride
    job.window_height = bottom - top
    job.input_step = window.strideWidth * input.pixelStride
    job.output_step = output.pixelStride
    var x = 0
    while x < output.shape.width {
      let left = max(x * window.strideWidth - window.padLeft, 0)
      let right = min(x * window.strideWidth - window.padLeft + window.width, input.shape.width)
      // As many whole windows as follow each other inside the picture.
      let isWhole = right - left == window.width
      let run =
        isWhole ? min((input.shape.width - window.width - left) / window.strideWidth + 1, output.shape.width - x) : 1
      job.count = run
      job.window_width = right - left
      job.input = from + input.pixel(top, left)
      job.output = to + x * output.pixelStride
      job.scale = 1 / Float((bottom - top) * (right - left))
      withUnsafePointer(to: job) {
        pool.isMaximum ? plan.pointee.kernels.max_pool($0) : plan.pointee.kernels.average_pool($0)
      }
      x += run
    }
  }

  private func runElementwise(_ step: Step, _ count: Int, isAddition: Bool) {
    let (a, b, output) = (layout(step.inputs.0), layout(step.inputs.1), layout(step.output))
    var job = dnn_elementwise_job()
    job.count = output.shape.width * output.pixelStride
    job.activation = step.activation
    job.activation_parameter = step.activationParameter
    for row in share(count * output.shape.height) {
      let (picture, y) = (row / output.shape.height, row % output.shape.height)
      job.a = UnsafePointer(memory(a) + picture * a.size + a.pixel(y, 0))
      job.b = isAddition ? UnsafePointer(memory(b) + picture * b.size + b.pixel(y, 0)) : nil
      job.output = memory(output) + picture * output.size + output.pixel(y, 0)
      withUnsafePointer(to: job) { plan.pointee.kernels.elementwise($0) }
    }
  }

  private func flatten(_ step: Step, _ count: Int) {
    let (input, output) = (layout(step.inputs.0), layout(step.output))
    let shape = input.shape
    for row in share(count * shape.height) {
      let (picture, y) = (row / shape.height, row % shape.height)
      let from = memory(input) + picture * input.size + input.pixel(y, 0)
      let to = memory(output) + picture * output.size + output.pixel(0, 0) + y * shape.width * shape.channels
      for x in 0..<shape.width {
        (to + x * shape.channels).update(from: from + x * input.pixelStride, count: shape.channels)
      }
    }
  }
}
