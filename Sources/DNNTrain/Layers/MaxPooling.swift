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
  private let maxPool: (UnsafePointer<dnn_pool_job>?) -> Void

  init(_ settings: LayerSettings, window: Window, layouts: LayerLayouts) {
    name = settings.name
    self.window = window
    self.layouts = layouts
    runs = PoolingRun.all(window, input: layouts.input.shape, output: layouts.output.shape)
    maxPool = settings.kernels.max_pool
  }

  func forward(_ pass: LayerPass) {
    for image in 0..<pass.imageCount {
      PoolingRun.forward(
        runs, window, input: pass.input + image * layouts.input.size, layouts.input,
        output: pass.output + image * layouts.output.size, layouts.output, maxPool)
    }
  }

  func backward(_ pass: LayerPass, gradient: UnsafeMutablePointer<Float>) {
    guard let inputGradientLayout = layouts.inputGradient, let inputGradient = pass.inputGradient else { return }
    for image in 0..<pass.imageCount {
      let imageGradient = inputGradient + image * inputGradientLayout.size
      clearPixels(imageGradient, inputGradientLayout)
      for run in runs {
        for index in 0..<run.count {
          let (top, left, x) = (run.top, run.left + index * window.strideWidth, run.x + index)
          addToFirstMaximum(
            height: run.height, width: run.width,
            input: pass.input + image * layouts.input.size + layouts.input.pixel(top, left),
            maximum: pass.output + image * layouts.output.size + layouts.output.pixel(run.y, x),
            slope: pass.outputGradient + image * layouts.outputGradient.size + layouts.outputGradient.pixel(run.y, x),
            inputGradient: imageGradient + inputGradientLayout.pixel(top, left), inputGradientLayout)
        }
      }
    }
  }

  /// Adds one output pixel's gradient to that of the input pixel it came from.
  private func addToFirstMaximum(
    height: Int, width: Int, input: UnsafePointer<Float>, maximum: UnsafePointer<Float>, slope: UnsafePointer<Float>,
    inputGradient: UnsafeMutablePointer<Float>, _ inputGradientLayout: ValueLayout
  ) {
    let (inputRow, gradientRow) = (layouts.input.rowStep, inputGradientLayout.rowStep)
    let (inputStep, gradientStep) = (layouts.input.pixelStep, inputGradientLayout.pixelStep)
    var channel = 0
    while channel < layouts.output.pixelStride {
      let largest = Vector(maximum + channel)
      var rest = Vector(slope + channel)
      for y in 0..<height {
        for x in 0..<width {
          let isMaximum = Vector(input + y * inputRow + x * inputStep + channel) .== largest
          let target = inputGradient + y * gradientRow + x * gradientStep + channel
          (Vector(target) + Vector.zero.replacing(with: rest, where: isMaximum)).store(target)
          rest.replace(with: 0, where: isMaximum)
        }
      }
      channel += Vector.scalarCount
    }
  }

  func export(to builder: inout ModelBuilder, inputs: [Int], values: UnsafePointer<Float>) -> Int {
    builder.append(.maxPool, name: name, inputs: inputs, output: layouts.output.shape) { layer, _ in
      layer.window = window
    }
  }
}
