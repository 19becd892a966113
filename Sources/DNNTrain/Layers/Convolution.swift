import CKernels
import DNNModel
import MNISTInfer

/// A 2-D convolution with bias and, if asked, a ReLU.
///
/// No matrix of patches is ever built: kernels read the input through tables of offsets. The gradient of the input is a
/// convolution too, of stride 1, over the output's gradient with its border and spacing, with the window turned over.
final class Convolution: TrainableLayer {
  let name: String
  private let window: Window
  private let hasRelu: Bool
  private let layouts: LayerLayouts
  private let weights: ProductWeights
  private let taps: TapRuns
  private let gradientTaps: TapRuns
  /// By output pixel: where its window starts in the input, where it is, and where its gradient is.
  private let windowStarts: Buffer<Int32>
  private let outputPixels: Buffer<Int32>
  private let outputGradientPixels: Buffer<Int32>
  /// By input pixel: where its window starts in the output's gradient, and where its own gradient is. Empty if nobody needs
  /// that.
  private let gradientWindowStarts: Buffer<Int32>
  private let inputGradientPixels: Buffer<Int32>

  /// The output's gradient needs zeros wherever the turned window reaches past a real pixel.
  static func geometry(_ window: Window, outputs: Int, input: Shape) -> LayerGeometry? {
    guard let (height, width) = window.outputSize(input) else { return nil }
    var geometry = LayerGeometry(output: Shape(height: height, width: width, channels: outputs))
    geometry.inputBorder = ValueLayout.Border(
      top: window.padTop, left: window.padLeft, bottom: window.padBottom, right: window.padRight)
    geometry.gradientSpacing = ValueLayout.Spacing(rows: window.strideHeight, columns: window.strideWidth)
    geometry.gradientBorder = ValueLayout.Border(
      top: max(window.height - 1 - window.padTop, 0), left: max(window.width - 1 - window.padLeft, 0),
      bottom: max(input.height - 1 + window.padTop - (height - 1) * window.strideHeight, 0),
      right: max(input.width - 1 + window.padLeft - (width - 1) * window.strideWidth, 0))
    return geometry
  }

  init(_ settings: LayerSettings, window: Window, hasRelu: Bool, layouts: LayerLayouts) throws {
    name = settings.name
    self.window = window
    self.hasRelu = hasRelu
    self.layouts = layouts
    let (input, output, outputGradient) = (layouts.input, layouts.output, layouts.outputGradient)
    weights = try ProductWeights(
      settings, dimensions: [window.height, window.width, input.shape.channels, output.shape.channels],
      needsInputGradient: layouts.inputGradient != nil)
    taps = TapRuns(height: window.height, width: window.width, over: input)
    gradientTaps = TapRuns(height: window.height, width: window.width, over: outputGradient)
    windowStarts = try offsetTable(
      pixels(of: output.shape) {
        input.position($0 * window.strideHeight - window.padTop, $1 * window.strideWidth - window.padLeft)
      })
    outputPixels = try offsetTable(pixels(of: output.shape, output.pixel))
    outputGradientPixels = try offsetTable(pixels(of: output.shape, outputGradient.pixel))
    let propagated = layouts.inputGradient.map { pixels(of: input.shape, $0.pixel) } ?? []
    inputGradientPixels = try offsetTable(propagated)
    gradientWindowStarts = try offsetTable(
      propagated.isEmpty
        ? []
        : pixels(of: input.shape) {
          outputGradient.position($0 + window.padTop - window.height + 1, $1 + window.padLeft - window.width + 1)
        })
  }

  var parameters: [Parameter] { [weights.weights, weights.bias] }

  func pack(_ parameter: Parameter, rows: Range<Int>, from values: UnsafePointer<Float>) {
    if parameter.offset == weights.weights.offset { weights.pack(rows: rows, from: values) }
  }

  func forward(_ pass: LayerPass) {
    taps.offsets.withUnsafeBufferPointer { offsets in
      var job = dnn_gemm_job()
      job.row_offsets = UnsafePointer(windowStarts.start)
      job.output_offsets = UnsafePointer(outputPixels.start)
      job.rows = windowStarts.count
      job.tap_offsets = offsets.baseAddress
      job.taps = offsets.count
      job.depth = taps.depth
      job.activation = (hasRelu ? Activation.relu : .none).rawValue
      for image in 0..<pass.imageCount {
        job.input = UnsafePointer(pass.input + image * layouts.input.size)
        job.output = pass.output + image * layouts.output.size
        weights.multiplyForward(job, parameters: pass.parameters)
      }
    }
  }

  func backward(_ pass: LayerPass, gradient: UnsafeMutablePointer<Float>) {
    let bias = gradient + weights.bias.offset
    bias.update(repeating: 0, count: weights.bias.size)
    for image in 0..<pass.imageCount {
      let outputGradient = pass.outputGradient + image * layouts.outputGradient.size
      maskAndAddBias(
        output: pass.output + image * layouts.output.size, layouts.output, gradient: outputGradient,
        layouts.outputGradient, isMasked: hasRelu, bias: bias)
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
    job.left_offsets = UnsafePointer(windowStarts.start)
    job.right = outputGradient
    job.right_offsets = UnsafePointer(outputGradientPixels.start)
    job.steps = windowStarts.count
    job.rows = taps.depth
    job.accumulate = isFirst ? 0 : 1
    for (run, offset) in taps.offsets.enumerated() {
      job.left = input + Int(offset)
      weights.addOuterProducts(job, product: gradient + run * taps.depth * weights.weights.stride)
    }
  }

  private func propagate(_ outputGradient: UnsafePointer<Float>, to inputGradient: UnsafeMutablePointer<Float>) {
    gradientTaps.offsets.withUnsafeBufferPointer { offsets in
      var job = dnn_gemm_job()
      job.input = outputGradient
      job.row_offsets = UnsafePointer(gradientWindowStarts.start)
      job.output = inputGradient
      job.output_offsets = UnsafePointer(inputGradientPixels.start)
      job.rows = inputGradientPixels.count
      job.tap_offsets = offsets.baseAddress
      job.taps = offsets.count
      job.depth = gradientTaps.depth
      weights.multiplyBackward(job)
    }
  }

  func export(to builder: inout ModelBuilder, values: UnsafePointer<Float>) {
    builder.append(.convolution, name: name, output: layouts.output.shape) { layer, builder in
      layer.window = window
      layer.activation = hasRelu ? .relu : .none
      layer.weights = builder.append(weights.weights, of: name, values)
      layer.bias = builder.append(weights.bias, of: name, values)
    }
  }
}

/// A number for each pixel, row by row.
private func pixels(of shape: Shape, _ number: (Int, Int) -> Int) -> [Int] {
  (0..<shape.height).flatMap { y in (0..<shape.width).map { x in number(y, x) } }
}
