import CKernels
import DNNModel
import MNISTInfer

/// A 2-D convolution with an activation.
///
/// No matrix of patches is ever built: kernels read the input through tables of offsets. The gradient of the input is a
/// convolution too, of stride 1, over the output's gradient with its border and spacing, with the window turned over.
final class Convolution: TrainableLayer {
  let name: String
  private let window: Window
  private let activation: ActivationFunction
  private let activationGradient: ActivationGradient
  private let layouts: LayerLayouts
  private let weights: ProductWeights
  private let tables: ConvolutionTables
  private let taps: TapRuns
  private let gradientTaps: TapRuns

  init(_ settings: LayerSettings, window: Window, activation: ActivationFunction, layouts: LayerLayouts) throws {
    name = settings.name
    self.window = window
    self.activation = activation
    activationGradient = ActivationGradient(
      settings, activation, output: layouts.output, gradient: layouts.outputGradient)
    self.layouts = layouts
    weights = try ProductWeights(
      settings,
      dimensions: [window.height, window.width, layouts.input.shape.channels, layouts.output.shape.channels],
      needsInputGradient: layouts.inputGradient != nil)
    tables = try ConvolutionTables(window, layouts)
    taps = TapRuns(window, over: layouts.input)
    gradientTaps = TapRuns(window, over: layouts.outputGradient)
  }

  var parameters: [Parameter] { weights.sum.parameters }

  func pack(_ parameter: Parameter, rows: Range<Int>, from values: UnsafePointer<Float>) {
    if parameter.role == .weights { weights.pack(rows: rows, from: values) }
  }

  func forward(_ pass: LayerPass) {
    taps.offsets.withUnsafeBufferPointer { offsets in
      var job = dnn_gemm_job()
      job.row_offsets = UnsafePointer(tables.windowStarts.start)
      job.output_offsets = UnsafePointer(tables.outputPixels.start)
      job.rows = tables.windowStarts.count
      job.tap_offsets = offsets.baseAddress
      job.taps = offsets.count
      job.depth = taps.depth
      job.activation = activation.kind.rawValue
      job.activation_parameter = activation.parameter
      for image in 0..<pass.imageCount {
        job.input = UnsafePointer(pass.input + image * layouts.input.size)
        job.output = pass.output + image * layouts.output.size
        weights.multiplyForward(job, parameters: pass.parameters)
      }
    }
  }

  func backward(_ pass: LayerPass, gradient: UnsafeMutablePointer<Float>) {
    let bias = weights.sum.clearBias(in: gradient)
    for image in 0..<pass.imageCount {
      let outputGradient = pass.outputGradient + image * layouts.outputGradient.size
      activationGradient.run(image, outputs: pass.output, gradients: pass.outputGradient, sums: bias)
      addWeightGradient(
        pass.input + image * layouts.input.size, outputGradient, isFirst: image == 0, to: gradient)
      if let layout = layouts.inputGradient, let inputGradient = pass.inputGradient {
        propagate(outputGradient, to: inputGradient + image * layout.size)
      }
    }
  }

  private func addWeightGradient(
    _ input: UnsafePointer<Float>, _ outputGradient: UnsafePointer<Float>, isFirst: Bool,
    to gradient: UnsafeMutablePointer<Float>
  ) {
    var job = dnn_outer_job()
    job.left_offsets = UnsafePointer(tables.windowStarts.start)
    job.right = outputGradient
    job.right_offsets = UnsafePointer(tables.outputGradientPixels.start)
    job.steps = tables.windowStarts.count
    job.rows = taps.depth
    job.accumulate = isFirst ? 0 : 1
    for (run, offset) in taps.offsets.enumerated() {
      job.left = input + Int(offset)
      weights.addOuterProducts(job, product: gradient + run * taps.depth * weights.sum.weights.stride)
    }
  }

  private func propagate(_ outputGradient: UnsafePointer<Float>, to inputGradient: UnsafeMutablePointer<Float>) {
    gradientTaps.offsets.withUnsafeBufferPointer { offsets in
      var job = dnn_gemm_job()
      job.input = outputGradient
      job.row_offsets = UnsafePointer(tables.gradientWindowStarts.start)
      job.output = inputGradient
      job.output_offsets = UnsafePointer(tables.inputGradientPixels.start)
      job.rows = tables.inputGradientPixels.count
      job.tap_offsets = offsets.baseAddress
      job.taps = offsets.count
      job.depth = gradientTaps.depth
      weights.multiplyBackward(job)
    }
  }

  func export(to builder: inout ModelBuilder, inputs: [Int], values: UnsafePointer<Float>) -> Int {
    builder.append(.convolution, name: name, inputs: inputs, output: layouts.output.shape) { layer, builder in
      layer.window = window
      layer.activation = activation.kind
      layer.activationParameter = activation.parameter
      weights.sum.export(to: &layer, &builder, name: name, values: values)
    }
  }
}
