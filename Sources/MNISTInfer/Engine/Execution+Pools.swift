import CKernels

extension Execution {
  func runPool(_ pool: Step.Pool, _ step: Step, _ count: Int) {
    let (input, output) = (source(step), layout(step.output))
    let shape = output.shape
    for row in share(count * shape.height) {
      let (picture, y) = (row / shape.height, row % shape.height)
      let from = UnsafePointer(floats(input, picture))
      runPoolRow(pool, input, from, y, to: floats(output, picture) + output.pixel(y, 0), output)
    }
  }

  /// One row of windows. Windows that the picture's edge cuts are smaller and run one by one; padding is not in the mean.
  private func runPoolRow(
    _ pool: Step.Pool, _ input: ValueLayout, _ from: UnsafePointer<Float>, _ y: Int, to: UnsafeMutablePointer<Float>,
    _ output: ValueLayout
  ) {
    let window = pool.window
    let rows = window.rows(at: y, of: input.shape)
    var job = dnn_pool_job()
    job.row_stride = input.rowStride
    job.pixel_stride = input.pixelStride
    job.channels = input.pixelStride
    job.window_height = rows.count
    job.input_step = window.strideWidth * input.pixelStride
    job.output_step = output.pixelStride
    var x = 0
    while x < output.shape.width {
      let columns = window.columns(at: x, of: input.shape)
      // As many whole windows as follow each other inside the picture.
      let isWhole = columns.count == window.width
      let following = (input.shape.width - window.width - columns.lowerBound) / window.strideWidth
      let run = isWhole ? min(following + 1, output.shape.width - x) : 1
      job.count = run
      job.window_width = columns.count
      job.input = from + input.pixel(rows.lowerBound, columns.lowerBound)
      job.output = to + x * output.pixelStride
      job.scale = 1 / Float(rows.count * columns.count)
      withUnsafePointer(to: job) {
        pool.isMaximum ? plan.pointee.kernels.max_pool($0) : plan.pointee.kernels.average_pool($0)
      }
      x += run
    }
  }

  func runElementwise(_ step: Step, _ count: Int, isAddition: Bool) {
    let (a, b, output) = (layout(step.inputs.0), layout(step.inputs.1), layout(step.output))
    var job = dnn_elementwise_job()
    job.count = output.shape.width * output.pixelStride
    job.activation = step.activation
    job.activation_parameter = step.activationParameter
    for row in share(count * output.shape.height) {
      let (picture, y) = (row / output.shape.height, row % output.shape.height)
      job.a = UnsafePointer(floats(a, picture) + a.pixel(y, 0))
      job.b = isAddition ? UnsafePointer(floats(b, picture) + b.pixel(y, 0)) : nil
      job.output = floats(output, picture) + output.pixel(y, 0)
      withUnsafePointer(to: job) { plan.pointee.kernels.elementwise($0) }
    }
  }
}
