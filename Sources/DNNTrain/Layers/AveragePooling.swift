import CKernels
import DNNModel
import MNISTInfer

/// The mean over each window, or over the whole image, channel by channel.
final class AveragePooling: TrainableLayer {
  let name: String
  private let window: Window
  private let isGlobal: Bool
  private let layouts: LayerLayouts
  private let runs: [PoolingRun]
  private let averagePool: (UnsafePointer<dnn_pool_job>?) -> Void

  /// A layer whose window is the whole image if none is given.
  init(_ settings: LayerSettings, window: Window?, layouts: LayerLayouts) {
    name = settings.name
    let input = layouts.input.shape
    self.window = window ?? Window(height: input.height, width: input.width)
    isGlobal = window == nil
    self.layouts = layouts
    runs = PoolingRun.all(self.window, input: input, output: layouts.output.shape)
    averagePool = settings.kernels.average_pool
  }

  func forward(_ pass: LayerPass) {
    for image in 0..<pass.imageCount {
      PoolingRun.forward(
        runs, window, input: pass.input + image * layouts.input.size, layouts.input,
        output: pass.output + image * layouts.output.size, layouts.output, averagePool)
    }
  }

  func backward(_ pass: LayerPass, gradient: UnsafeMutablePointer<Float>) {
    guard let layout = layouts.inputGradient, let inputGradient = pass.inputGradient else { return }
    for image in 0..<pass.imageCount {
      let imageGradient = inputGradient + image * layout.size
      let outputGradient = pass.outputGradient + image * layouts.outputGradient.size
      clearPixels(imageGradient, layout)
      for run in runs {
        for index in 0..<run.count {
          spread(
            outputGradient + layouts.outputGradient.pixel(run.y, run.x + index), run,
            to: imageGradient + layout.pixel(run.top, run.left + index * window.strideWidth), layout)
        }
      }
    }
  }

  /// Adds one output pixel's gradient, divided by the window's pixels, to that of each.
  private func spread(
    _ slope: UnsafePointer<Float>, _ run: PoolingRun, to target: UnsafeMutablePointer<Float>, _ layout: ValueLayout
  ) {
    let scale = 1 / Float(run.height * run.width)
    var channel = 0
    while channel < layouts.output.pixelStride {
      let part = Vector(slope + channel) * scale
      for y in 0..<run.height {
        for x in 0..<run.width {
          let place = target + y * layout.rowStep + x * layout.pixelStep + channel
          (Vector(place) + part).store(place)
        }
      }
      channel += Vector.scalarCount
    }
  }

  func export(to builder: inout ModelBuilder, inputs: [Int], values: UnsafePointer<Float>) -> Int {
    let kind: LayerKind = isGlobal ? .globalAveragePool : .averagePool
    return builder.append(kind, name: name, inputs: inputs, output: layouts.output.shape) { layer, _ in
      if !isGlobal { layer.window = window }
    }
  }
}
