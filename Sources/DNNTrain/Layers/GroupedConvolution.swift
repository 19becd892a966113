import CKernels
import DNNModel
import MNISTInfer

/// A convolution in groups: each part of the output channels sees its part of the input channels only. With a group for each
/// channel it is a depthwise convolution.
///
/// A group has too few channels to fill the vectors of a matrix product, so the vectors run over the outputs of all groups. With
/// d inputs to a group, output n is a sum over j < d of depthwise convolutions of input channel (n's group) × d + j; copying
/// those channels side by side, "spreading" them, makes d depthwise convolutions of whole vectors out of it.
final class GroupedConvolution: TrainableLayer {
  let name: String
  private let window: Window
  private let activation: ActivationFunction
  private let activationGradient: ActivationGradient
  private let layouts: LayerLayouts
  private let kernels: dnn_kernels
  private let trainingKernels: dnn_training_kernels
  /// Input channels of a group.
  private let depth: Int
  /// What the depthwise convolution reads: the input itself, or one of its channels a group, spread over the outputs.
  private let source: ValueLayout
  private let sourceGradient: ValueLayout?
  private let isSpread: Bool
  private let tables: ConvolutionTables
  private let tapOffsets: [Int32]
  private let reversedGradientTapOffsets: [Int32]
  private let sum: WeightedSum
  private let zeros: Buffer<Float>

  init(_ settings: LayerSettings, window: Window, activation: ActivationFunction, layouts: LayerLayouts) throws {
    name = settings.name
    self.window = window
    self.activation = activation
    activationGradient = ActivationGradient(
      settings, activation, output: layouts.output, gradient: layouts.outputGradient)
    self.layouts = layouts
    (kernels, trainingKernels) = (settings.kernels, settings.trainingKernels)
    let (inputs, outputs) = (layouts.input.shape.channels, layouts.output.shape.channels)
    depth = inputs / window.groups
    isSpread = depth > 1 || inputs != outputs
    let stride = layouts.output.pixelStride
    var inner = layouts
    if isSpread {
      let shape = Shape(height: layouts.input.shape.height, width: layouts.input.shape.width, channels: outputs)
      inner.input = try ValueLayout(shape, pixelStride: stride, border: layouts.input.border)
      inner.inputGradient = try layouts.inputGradient.map { _ in try ValueLayout(shape, pixelStride: stride) }
    }
    (source, sourceGradient) = (inner.input, inner.inputGradient)
    tables = try ConvolutionTables(window, inner)
    func offsets(_ layout: ValueLayout) -> [Int32] {
      (0..<window.height * window.width).map {
        Int32(
          $0 / window.width * window.dilationHeight * layout.rowStride
            + $0 % window.width * window.dilationWidth * layout.pixelStride)
      }
    }
    tapOffsets = offsets(inner.input)
    // The weights are read from first to last, so the window turns over in the table.
    reversedGradientTapOffsets = offsets(layouts.outputGradient).reversed()
    sum = WeightedSum(
      settings, dimensions: [window.height, window.width, depth, outputs], outputsOfInput: outputs / window.groups)
    zeros = try Buffer(count: stride)
  }

  var parameters: [Parameter] { sum.parameters }
  private var weights: Parameter { sum.weights }

  /// One spread image, and the gradient of one.
  var scratchSize: Int { isSpread ? source.size + (sourceGradient?.size ?? 0) : 0 }

  func forward(_ pass: LayerPass) {
    for image in 0..<pass.imageCount {
      let output = pass.output + image * layouts.output.size
      for member in 0..<depth {
        var job = dnn_channelwise_job()
        job.input = sourceImage(pass, image, member)
        job.row_offsets = UnsafePointer(tables.windowStarts.start)
        job.rows = tables.windowStarts.count
        job.bias = member > 0 ? nil : sum.bias.map { pass.parameters + $0.offset } ?? UnsafePointer(zeros.start)
        job.output = output
        job.output_offsets = UnsafePointer(tables.outputPixels.start)
        run(job, tapOffsets, member, pass.parameters)
      }
      if activation != .none { activate(output) }
    }
  }

  /// Runs a job with one group member's weights.
  private func run(_ base: dnn_channelwise_job, _ taps: [Int32], _ member: Int, _ parameters: UnsafePointer<Float>) {
    taps.withUnsafeBufferPointer { offsets in
      var job = base
      job.tap_offsets = offsets.baseAddress
      job.taps = offsets.count
      job.channels = layouts.output.pixelStride
      job.weights = parameters + weights.offset + member * weights.stride
      job.weight_stride = depth * weights.stride
      withUnsafePointer(to: job) { trainingKernels.channelwise($0) }
    }
  }

  private func activate(_ output: UnsafeMutablePointer<Float>) {
    var job = dnn_elementwise_job()
    job.count = layouts.output.shape.width * layouts.output.pixelStride
    job.activation = activation.kind.rawValue
    job.activation_parameter = activation.parameter
    for y in 0..<layouts.output.shape.height {
      job.output = output + layouts.output.pixel(y, 0)
      job.a = UnsafePointer(job.output)
      withUnsafePointer(to: job) { kernels.elementwise($0) }
    }
  }

  func backward(_ pass: LayerPass, gradient: UnsafeMutablePointer<Float>) {
    let bias = sum.clearBias(in: gradient)
    for image in 0..<pass.imageCount {
      let outputGradient = pass.outputGradient + image * layouts.outputGradient.size
      activationGradient.run(image, outputs: pass.output, gradients: pass.outputGradient, sums: bias)
      for member in 0..<depth {
        addWeightGradient(
          sourceImage(pass, image, member), outputGradient, member, isFirst: image == 0, to: gradient)
        propagate(outputGradient, pass, image, member)
      }
    }
  }

  private func addWeightGradient(
    _ input: UnsafePointer<Float>, _ outputGradient: UnsafePointer<Float>, _ member: Int, isFirst: Bool,
    to gradient: UnsafeMutablePointer<Float>
  ) {
    tapOffsets.withUnsafeBufferPointer { offsets in
      var job = dnn_depthwise_gradient_job()
      job.left = input
      job.left_offsets = UnsafePointer(tables.windowStarts.start)
      job.tap_offsets = offsets.baseAddress
      job.right = outputGradient
      job.right_offsets = UnsafePointer(tables.outputGradientPixels.start)
      job.steps = tables.windowStarts.count
      job.taps = offsets.count
      job.channels = layouts.output.pixelStride
      job.product = gradient + weights.offset + member * weights.stride
      job.product_stride = depth * weights.stride
      job.accumulate = isFirst ? 0 : 1
      withUnsafePointer(to: job) { trainingKernels.depthwise_gradient($0) }
    }
  }

  private func propagate(_ outputGradient: UnsafePointer<Float>, _ pass: LayerPass, _ image: Int, _ member: Int) {
    guard let layout = layouts.inputGradient, let start = pass.inputGradient else { return }
    let inputGradient = start + image * layout.size
    let target = isSpread ? pass.scratch + source.size : inputGradient
    var job = dnn_channelwise_job()
    job.input = outputGradient
    job.row_offsets = UnsafePointer(tables.gradientWindowStarts.start)
    job.rows = tables.gradientWindowStarts.count
    job.bias = UnsafePointer(zeros.start)
    job.output = target
    job.output_offsets = UnsafePointer(tables.inputGradientPixels.start)
    run(job, reversedGradientTapOffsets, member, pass.parameters)
    if isSpread { gather(target, member, to: inputGradient, layout) }
  }

  private func sourceImage(_ pass: LayerPass, _ image: Int, _ member: Int) -> UnsafePointer<Float> {
    let input = pass.input + image * layouts.input.size
    if !isSpread { return UnsafePointer(input) }
    let outputsOfGroup = layouts.output.shape.channels / window.groups
    forEachPixel { y, x in
      let (from, to) = (input + layouts.input.pixel(y, x) + member, pass.scratch + source.pixel(y, x))
      for group in 0..<window.groups {
        (to + group * outputsOfGroup).update(repeating: from[group * depth], count: outputsOfGroup)
      }
    }
    return UnsafePointer(pass.scratch)
  }

  /// What spreading was for values, for their gradients: the sum over each group's outputs.
  private func gather(
    _ spread: UnsafePointer<Float>, _ member: Int, to inputGradient: UnsafeMutablePointer<Float>, _ layout: ValueLayout
  ) {
    guard let sourceGradient else { return }
    let outputsOfGroup = layouts.output.shape.channels / window.groups
    forEachPixel { y, x in
      let (from, to) = (spread + sourceGradient.pixel(y, x), inputGradient + layout.pixel(y, x) + member)
      for group in 0..<window.groups {
        var sum: Float = 0
        for output in 0..<outputsOfGroup { sum += from[group * outputsOfGroup + output] }
        to[group * depth] = sum
      }
    }
  }

  private func forEachPixel(_ body: (Int, Int) -> Void) {
    for y in 0..<layouts.input.shape.height { for x in 0..<layouts.input.shape.width { body(y, x) } }
  }

  func export(to builder: inout ModelBuilder, inputs: [Int], values: UnsafePointer<Float>) -> Int {
    builder.append(.convolution, name: name, inputs: inputs, output: layouts.output.shape) { layer, builder in
      layer.window = window
      layer.activation = activation.kind
      layer.activationParameter = activation.parameter
      sum.export(to: &layer, &builder, name: name, values: values)
    }
  }
}
