import CKernels

extension Execution {
  func runProduct(_ product: UnsafePointer<Step.Product>, _ step: Step, _ count: Int) {
    let (input, output) = (source(step), layout(step.output))
    let tables = product.pointee.tables
    let offsets = UnsafePointer(plan.pointee.tables.offsets.start)
    let panelCount = Panels(plan.pointee.kernels, paddedColumns: product.pointee.paddedColumns).count
    var job = dnn_gemm_job()
    job.tap_offsets = offsets + tables.tapOffsets
    job.taps = tables.taps
    job.depth = tables.depth
    job.activation = step.activation
    job.activation_parameter = step.activationParameter
    job.pool = tables.pools ? 1 : 0
    forEachShare(of: tables, count: count, panels: panelCount, splits: product.pointee.groups == 1) {
      picture, rows, panels in
      job.input = UnsafePointer(floats(input, picture))
      job.output = floats(output, picture)
      job.rows = rows.count * tables.rowsEach
      job.row_offsets = offsets + tables.rowOffsets + rows.lowerBound * tables.rowsEach
      job.output_offsets = offsets + tables.outputOffsets + rows.lowerBound
      if product.pointee.groups == 1 {
        runPanels(product, job, group: 0, panels: panels, of: panelCount)
      } else {
        runGroups(product, job, panelCount)
      }
    }
  }

  @inline(never) private func runPanels(
    _ product: UnsafePointer<Step.Product>, _ base: dnn_gemm_job, group: Int, panels: Range<Int>, of panelCount: Int
  ) {
    let depth = product.pointee.tables.taps * product.pointee.tables.depth
    let bias = plan.pointee.tables.constants.start + product.pointee.bias + group * product.pointee.paddedColumns
    var job = base
    job.weight_stride = product.pointee.tensor == nil ? 0 : product.pointee.paddedColumns
    // A single row reads weights as they stand in memory faster in one pass than in two.
    let takesPairs = base.rows == 1 && product.pointee.tensor != nil && panels.count == panelCount
    let cut = Panels(plan.pointee.kernels, paddedColumns: product.pointee.paddedColumns, takesPairs: takesPairs)
    cut.forEach { index, first, width in
      if !panels.contains(index) { return }
      job.columns = width
      if let packed = product.pointee.weights {
        job.weights = UnsafePointer(
          plan.pointee.tables.constants.start + packed + depth * (group * product.pointee.paddedColumns + first))
      } else if let tensor = product.pointee.tensor {
        job.weights = tensor + first
      }
      job.bias = UnsafePointer(bias + first)
      job.output = base.output + first
      withUnsafePointer(to: job) { plan.pointee.kernels.gemm($0) }
    }
  }

  /// Group by group. Columns that do not fill whole vectors are computed beside the output, a block of rows at a time, and
  /// copied.
  private func runGroups(_ product: UnsafePointer<Step.Product>, _ base: dnn_gemm_job, _ panelCount: Int) {
    let block = scratch.assumingMemoryBound(to: Float.self)
    for group in 0..<product.pointee.groups {
      var job = base
      job.input = base.input + group * product.pointee.groupDepth
      job.output = base.output + group * product.pointee.columns
      guard let blockOffsets = product.pointee.blockOffsets else {
        runPanels(product, job, group: group, panels: 0..<panelCount, of: panelCount)
        continue
      }
      let output = job.output!
      job.output = block
      job.output_offsets = UnsafePointer(plan.pointee.tables.offsets.start + blockOffsets)
      for first in stride(from: 0, to: Int(base.rows), by: Step.Product.block) {
        job.rows = min(Step.Product.block, Int(base.rows) - first)
        job.row_offsets = base.row_offsets + first
        runPanels(product, job, group: group, panels: 0..<panelCount, of: panelCount)
        for row in 0..<Int(job.rows) {
          (output + Int(base.output_offsets[first + row])).copy(
            from: block + row * product.pointee.paddedColumns, count: product.pointee.columns)
        }
      }
    }
  }

  func runDepthwise(_ depthwise: UnsafePointer<Step.Depthwise>, _ step: Step, _ count: Int) {
    let (input, output) = (source(step), layout(step.output))
    let (window, height) = (depthwise.pointee.window, output.shape.height)
    var job = dnn_depthwise_job()
    job.tap_offsets = UnsafePointer(plan.pointee.tables.offsets.start + depthwise.pointee.tapOffsets)
    job.count = output.shape.width
    job.input_step = window.strideWidth * input.pixelStride
    job.output_step = output.pixelStride
    job.taps = depthwise.pointee.taps
    job.channels = depthwise.pointee.channels
    job.weights = UnsafePointer(plan.pointee.tables.constants.start + depthwise.pointee.weights)
    job.bias = UnsafePointer(plan.pointee.tables.constants.start + depthwise.pointee.bias)
    job.activation = step.activation
    job.activation_parameter = step.activationParameter
    for row in share(count * height) {
      let (picture, y) = (row / height, row % height)
      let first = input.pixel(y * window.strideHeight - window.padTop, -window.padLeft)
      job.input = UnsafePointer(floats(input, picture) + first)
      job.output = floats(output, picture) + output.pixel(y, 0)
      withUnsafePointer(to: job) { plan.pointee.kernels.depthwise($0) }
    }
  }
}
