import CKernels

extension Execution {
  /// A block of tiles at a time: transform the input, multiply plane by plane, transform back. Tiles are counted through all
  /// pictures, row by row.
  func runWinograd(_ winograd: UnsafePointer<Step.Winograd>, _ step: Step, _ count: Int) {
    let all = share(count * winograd.pointee.tileRows * winograd.pointee.tileColumns)
    var first = all.lowerBound
    while first < all.upperBound {
      let end = min(first + Step.Winograd.block, all.upperBound)
      // The planes of a small block lie close together, so that it touches little memory.
      transformInputs(winograd, step, first..<end)
      multiply(winograd, rows: end - first)
      transformOutputs(winograd, step, first..<end)
      first = end
    }
  }

  // The scratch memory: the planes of the transformed input, of the products, then a tile of one vector.
  private var block: UnsafeMutablePointer<Float> { scratch.assumingMemoryBound(to: Float.self) }
  private func products(_ winograd: UnsafePointer<Step.Winograd>, _ rows: Int) -> UnsafeMutablePointer<Float> {
    block + winograd.pointee.planes * rows * winograd.pointee.paddedDepth
  }
  private func tileScratch(_ winograd: UnsafePointer<Step.Winograd>, _ rows: Int) -> UnsafeMutablePointer<Float> {
    products(winograd, rows) + winograd.pointee.planes * rows * winograd.pointee.paddedColumns
  }

  /// Picture, row and column of a tile.
  private func place(_ tile: Int, _ winograd: UnsafePointer<Step.Winograd>) -> (picture: Int, row: Int, column: Int) {
    let (picture, index) = tile.quotientAndRemainder(
      dividingBy: winograd.pointee.tileRows * winograd.pointee.tileColumns)
    return (picture, index / winograd.pointee.tileColumns, index % winograd.pointee.tileColumns)
  }

  private func transformInputs(_ winograd: UnsafePointer<Step.Winograd>, _ step: Step, _ tiles: Range<Int>) {
    let input = layout(step.inputs.0)
    var job = dnn_winograd_input_job()
    job.row_stride = input.rowStride
    job.pixel_stride = input.pixelStride
    job.channels = winograd.pointee.paddedDepth
    job.plane_stride = tiles.count * winograd.pointee.paddedDepth
    job.scratch = tileScratch(winograd, tiles.count)
    let kernels = plan.pointee.kernels
    let transform = winograd.pointee.outputs == 4 ? kernels.winograd4_input! : kernels.winograd2_input!
    for tile in tiles {
      let (picture, row, column) = place(tile, winograd)
      let first = input.pixel(
        row * winograd.pointee.outputs - winograd.pointee.padTop,
        column * winograd.pointee.outputs - winograd.pointee.padLeft)
      job.input = UnsafePointer(floats(input, picture) + first)
      job.transformed = block + (tile - tiles.lowerBound) * winograd.pointee.paddedDepth
      withUnsafePointer(to: job) { transform($0) }
    }
  }

  private func multiply(_ winograd: UnsafePointer<Step.Winograd>, rows: Int) {
    let constants = plan.pointee.tables.constants.start
    let offsets = UnsafePointer(plan.pointee.tables.offsets.start + winograd.pointee.rowOffsets)
    let products = products(winograd, rows)
    var noTap: Int32 = 0
    var job = dnn_gemm_job()
    job.row_offsets = offsets
    job.output_offsets = offsets + Step.Winograd.block
    job.rows = rows
    job.taps = 1
    job.depth = winograd.pointee.depth
    job.activation = UInt32(DNN_ACTIVATION_NONE)
    withUnsafePointer(to: &noTap) {
      job.tap_offsets = $0
      for plane in 0..<winograd.pointee.planes {
        let weights =
          constants + winograd.pointee.weights + plane * winograd.pointee.depth * winograd.pointee.paddedColumns
        job.input = UnsafePointer(block + plane * rows * winograd.pointee.paddedDepth)
        Panels(plan.pointee.kernels, paddedColumns: winograd.pointee.paddedColumns).forEach { _, column, width in
          job.columns = width
          job.weights = UnsafePointer(weights + winograd.pointee.depth * column)
          job.bias = UnsafePointer(constants + winograd.pointee.zeros + column)
          job.output = products + plane * rows * winograd.pointee.paddedColumns + column
          withUnsafePointer(to: job) { plan.pointee.kernels.gemm($0) }
        }
      }
    }
  }

  private func transformOutputs(_ winograd: UnsafePointer<Step.Winograd>, _ step: Step, _ tiles: Range<Int>) {
    let output = layout(step.output)
    var job = dnn_winograd_output_job()
    let products = products(winograd, tiles.count)
    job.plane_stride = tiles.count * winograd.pointee.paddedColumns
    job.bias = UnsafePointer(plan.pointee.tables.constants.start + winograd.pointee.bias)
    job.activation = step.activation
    job.activation_parameter = step.activationParameter
    job.row_stride = output.rowStride
    job.pixel_stride = output.pixelStride
    job.channels = winograd.pointee.paddedColumns
    job.scratch = tileScratch(winograd, tiles.count)
    job.pool = winograd.pointee.pools ? 1 : 0
    let stored = winograd.pointee.pools ? winograd.pointee.outputs / 2 : winograd.pointee.outputs
    let kernels = plan.pointee.kernels
    let transform = winograd.pointee.outputs == 4 ? kernels.winograd4_output! : kernels.winograd2_output!
    for tile in tiles {
      let (picture, row, column) = place(tile, winograd)
      job.transformed = UnsafePointer(products + (tile - tiles.lowerBound) * winograd.pointee.paddedColumns)
      job.output = floats(output, picture) + output.pixel(row * stored, column * stored)
      job.rows = min(stored, output.shape.height - row * stored)
      job.columns = min(stored, output.shape.width - column * stored)
      withUnsafePointer(to: job) { transform($0) }
    }
  }
}
