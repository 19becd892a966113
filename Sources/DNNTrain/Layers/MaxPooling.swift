import CKernels
import DNNModel
import MNISTInfer

/// The maximum over each window, channel by channel. Without padding, so every window is whole.
///
/// The gradient goes to the first maximum of a window, in row-major order. It is found again by comparing, which costs less
/// than remembering it would.
final class MaxPooling: TrainableLayer {
  let name: String
  private let window: Window
  private let layouts: LayerLayouts
  private let maxPool: (UnsafePointer<dnn_pool_job>?) -> Void

  static func geometry(_ window: Window, input: Shape) -> LayerGeometry? {
    guard let (height, width) = window.outputSize(input) else { return nil }
    return LayerGeometry(output: Shape(height: height, width: width, channels: input.channels))
  }

  init(_ settings: LayerSettings, window: Window, layouts: LayerLayouts) {
    name = settings.name
    self.window = window
    self.layouts = layouts
    maxPool = settings.kernels.max_pool
  }

  func forward(_ pass: LayerPass) {
    let (input, output) = (layouts.input, layouts.output)
    var job = dnn_pool_job()
    job.count = output.shape.width
    job.input_step = window.strideWidth * input.pixelStride
    job.output_step = output.pixelStride
    job.window_height = window.height
    job.window_width = window.width
    job.row_stride = input.rowStride
    job.pixel_stride = input.pixelStride
    job.channels = output.pixelStride
    for image in 0..<pass.imageCount {
      for y in 0..<output.shape.height {
        job.input = UnsafePointer(pass.input + image * input.size + input.pixel(y * window.strideHeight, 0))
        job.output = pass.output + image * output.size + output.pixel(y, 0)
        withUnsafePointer(to: job) { maxPool($0) }
      }
    }
  }

  func backward(_ pass: LayerPass, gradient: UnsafeMutablePointer<Float>) {
    guard let inputGradientLayout = layouts.inputGradient, let inputGradient = pass.inputGradient else { return }
    for image in 0..<pass.imageCount {
      let imageGradient = inputGradient + image * inputGradientLayout.size
      clearPixels(imageGradient, inputGradientLayout)
      for y in 0..<layouts.output.shape.height {
        for x in 0..<layouts.output.shape.width {
          let (top, left) = (y * window.strideHeight, x * window.strideWidth)
          addToFirstMaximum(
            input: pass.input + image * layouts.input.size + layouts.input.pixel(top, left),
            maximum: pass.output + image * layouts.output.size + layouts.output.pixel(y, x),
            slope: pass.outputGradient + image * layouts.outputGradient.size + layouts.outputGradient.pixel(y, x),
            inputGradient: imageGradient + inputGradientLayout.pixel(top, left), inputGradientLayout)
        }
      }
    }
  }

  /// Adds one output pixel's gradient to that of the input pixel it came from.
  private func addToFirstMaximum(
    input: UnsafePointer<Float>, maximum: UnsafePointer<Float>, slope: UnsafePointer<Float>,
    inputGradient: UnsafeMutablePointer<Float>, _ inputGradientLayout: ValueLayout
  ) {
    let (inputRow, gradientRow) = (layouts.input.rowStep, inputGradientLayout.rowStep)
    let (inputStep, gradientStep) = (layouts.input.pixelStep, inputGradientLayout.pixelStep)
    var channel = 0
    while channel < layouts.output.pixelStride {
      let largest = Vector(maximum + channel)
      var rest = Vector(slope + channel)
      for y in 0..<window.height {
        for x in 0..<window.width {
          let isMaximum = Vector(input + y * inputRow + x * inputStep + channel) .== largest
          let target = inputGradient + y * gradientRow + x * gradientStep + channel
          (Vector(target) + Vector.zero.replacing(with: rest, where: isMaximum)).store(target)
          rest.replace(with: 0, where: isMaximum)
        }
      }
      channel += Vector.scalarCount
    }
  }

  func export(to builder: inout ModelBuilder, values: UnsafePointer<Float>) {
    builder.append(.maxPool, name: name, output: layouts.output.shape) { layer, _ in layer.window = window }
  }
}

/// Sets the real pixels of one image to zero; what lies between them is zero anyway.
private func clearPixels(_ values: UnsafeMutablePointer<Float>, _ layout: ValueLayout) {
  let count = (layout.shape.width - 1) * layout.pixelStep + layout.pixelStride
  for y in 0..<layout.shape.height { (values + layout.pixel(y, 0)).update(repeating: 0, count: count) }
}
