import CKernels
import DNNModel
import MNISTInfer

/// The maximum over each window, channel by channel.
///
/// The gradient goes to the first maximum of a window, in row-major order. It is found again by comparing, which costs less
/// than remembering it would.
final class MaxPooling: TrainableLayer {
  let name: String
  private let window: Window
  private let layouts: LayerLayouts
  private let runs: [PoolingRun]
  /// Whether every pixel of the input is in exactly one window.
  private let isTiled: Bool
  private let maxPool: (UnsafePointer<dnn_pool_job>?) -> Void
  private let maxPoolGradient: (UnsafePointer<dnn_pool_gradient_job>?) -> Void

  init(_ settings: LayerSettings, window: Window, layouts: LayerLayouts) {
    name = settings.name
    self.window = window
    self.layouts = layouts
    runs = PoolingRun.all(window, input: layouts.input.shape, output: layouts.output.shape)
    let (input, output) = (layouts.input.shape, layouts.output.shape)
    isTiled =
      window.strideHeight == window.height && window.strideWidth == window.width
      && output.height * window.height == input.height && output.width * window.width == input.width
    maxPool = settings.kernels.max_pool
    maxPoolGradient = settings.trainingKernels.max_pool_gradient
  }

  func forward(_ pass: LayerPass) {
    for image in 0..<pass.imageCount {
      PoolingRun.forward(
        runs, window, input: pass.input + image * layouts.input.size, layouts.input,
        output: pass.output + image * layouts.output.size, layouts.output, maxPool)
    }
  }

  func backward(_ pass: LayerPass, gradient: UnsafeMutablePointer<Float>) {
    guard let target = layouts.inputGradient, let inputGradient = pass.inputGradient else { return }
    var job = dnn_pool_gradient_job()
    job.input_step = window.strideWidth * layouts.input.pixelStride
    job.output_step = layouts.output.pixelStride
    job.gradient_step = layouts.outputGradient.pixelStep
    job.input_gradient_step = window.strideWidth * target.pixelStep
    (job.row_stride, job.pixel_stride) = (layouts.input.rowStride, layouts.input.pixelStride)
    (job.input_gradient_row_stride, job.input_gradient_pixel_stride) = (target.rowStep, target.pixelStep)
    job.channels = layouts.output.pixelStride
    job.accumulate = isTiled ? 0 : 1
    for image in 0..<pass.imageCount {
      let imageGradient = inputGradient + image * target.size
      if !isTiled { clearPixels(imageGradient, target) }
      for run in runs {
        (job.count, job.window_height, job.window_width) = (run.count, run.height, run.width)
        job.input = UnsafePointer(pass.input + image * layouts.input.size + layouts.input.pixel(run.top, run.left))
        job.output = UnsafePointer(pass.output + image * layouts.output.size + layouts.output.pixel(run.y, run.x))
        job.gradient = UnsafePointer(
          pass.outputGradient + image * layouts.outputGradient.size + layouts.outputGradient.pixel(run.y, run.x))
        job.input_gradient = imageGradient + target.pixel(run.top, run.left)
        withUnsafePointer(to: job) { maxPoolGradient($0) }
      }
    }
  }

  func export(to builder: inout ModelBuilder, inputs: [Int], values: UnsafePointer<Float>) -> Int {
    builder.append(.maxPool, name: name, inputs: inputs, output: layouts.output.shape) { layer, _ in
      layer.window = window
    }
  }
}
