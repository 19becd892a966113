import CKernels
import MNISTInfer

/// Pooling windows of one row of the output that stand side by side and are alike: whole ones, or one that is cut by the
/// input's edge. Padding is no part of a window.
struct PoolingRun {
  /// The first window's output.
  let y: Int
  let x: Int
  let count: Int
  /// The first window's part of the input.
  let top: Int
  let left: Int
  let height: Int
  let width: Int

  /// All windows, row by row.
  static func all(_ window: Window, input: Shape, output: Shape) -> [PoolingRun] {
    (0..<output.height).flatMap { y in
      let rows = part(y, window.strideHeight, window.padTop, window.height, of: input.height)
      var runs: [PoolingRun] = []
      for x in 0..<output.width {
        let columns = part(x, window.strideWidth, window.padLeft, window.width, of: input.width)
        if let last = runs.last, columns.count == window.width, last.width == window.width {
          runs[runs.count - 1] = PoolingRun(
            y: y, x: last.x, count: last.count + 1, top: rows.lowerBound, left: last.left, height: rows.count,
            width: last.width)
        } else {
          runs.append(
            PoolingRun(
              y: y, x: x, count: 1, top: rows.lowerBound, left: columns.lowerBound, height: rows.count,
              width: columns.count))
        }
      }
      return runs
    }
  }

  /// The part of window `index` that lies on the input.
  private static func part(_ index: Int, _ stride: Int, _ padding: Int, _ size: Int, of count: Int) -> Range<Int> {
    let start = index * stride - padding
    return max(start, 0)..<min(start + size, count)
  }

  /// What a pooling layer makes of its input, or nil where the window does not fit.
  static func geometry(_ window: Window, input: Shape) -> LayerGeometry? {
    guard let (height, width) = window.outputSize(input) else { return nil }
    return LayerGeometry(output: Shape(height: height, width: width, channels: input.channels))
  }

  /// Runs a kernel over all windows of one image.
  static func forward(
    _ runs: [PoolingRun], _ window: Window, input: UnsafePointer<Float>, _ inputLayout: ValueLayout,
    output: UnsafeMutablePointer<Float>, _ outputLayout: ValueLayout,
    _ kernel: (UnsafePointer<dnn_pool_job>?) -> Void
  ) {
    var job = dnn_pool_job()
    job.input_step = window.strideWidth * inputLayout.pixelStride
    job.output_step = outputLayout.pixelStride
    job.row_stride = inputLayout.rowStride
    job.pixel_stride = inputLayout.pixelStride
    job.channels = outputLayout.pixelStride
    for run in runs {
      job.count = run.count
      job.window_height = run.height
      job.window_width = run.width
      job.scale = 1 / Float(run.height * run.width)
      job.input = input + inputLayout.pixel(run.top, run.left)
      job.output = output + outputLayout.pixel(run.y, run.x)
      withUnsafePointer(to: job) { kernel($0) }
    }
  }
}

/// Sets the real pixels of one image to zero; what lies between them is zero anyway.
func clearPixels(_ values: UnsafeMutablePointer<Float>, _ layout: ValueLayout) {
  let count = (layout.shape.width - 1) * layout.pixelStep + layout.pixelStride
  for y in 0..<layout.shape.height { (values + layout.pixel(y, 0)).update(repeating: 0, count: count) }
}
