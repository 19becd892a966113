import CKernels
import DNNModel
import MNISTInfer

/// A 3×3 convolution of stride 1 with an activation, by Winograd's method F(4×4, 3×3), which takes a quarter of the
/// multiplications (A. Lavin, S. Gray: Fast algorithms for convolutional neural networks, 2015).
///
/// With d for a tile of the input, g for the weights and ∗ for products element by element, a tile of the output is
/// A^T ((G g G^T) ∗ (B^T d B)) A. Turned over, that takes a tile y of the output's gradient to (B^T d B) ∗ (A y A^T), the
/// gradient of G g G^T, which is added up over all tiles before it goes back through G once. The gradient of the input is a
/// convolution like the forward one.
final class WinogradConvolution: TrainableLayer {
  let name: String
  private let window: Window
  private let activation: ActivationFunction
  private let activationGradient: ActivationGradient
  private let layouts: LayerLayouts
  private let weights: WinogradWeights
  private let kernels: dnn_kernels
  private let trainingKernels: dnn_training_kernels
  private let outputTiles: WinogradTiling
  private let inputTiles: WinogradTiling
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
    weights = try WinogradWeights(
      settings, inputs: inputs, outputs: outputs, needsInputGradient: layouts.inputGradient != nil)
    outputTiles = WinogradTiling(layouts.output.shape)
    inputTiles = WinogradTiling(layouts.input.shape)
    zeros = try Buffer(count: max(weights.paddedInputs, weights.paddedOutputs))
  }

  var parameters: [Parameter] { weights.sum.parameters }

  /// A block's planes before and after the products, a tile of one vector, and the gradient of the transformed weights.
  var scratchSize: Int { 2 * planesSize + WinogradTiling.planes * kernels.lanes + weights.gradientSize }

  private var planesSize: Int {
    WinogradTiling.planes
      * WinogradTiling.planeStride(
        rows: WinogradTiling.block, channels: max(weights.paddedInputs, weights.paddedOutputs))
  }

  private struct Scratch {
    let planes, products, tile, gradient: UnsafeMutablePointer<Float>
  }

  private func scratch(_ pass: LayerPass) -> Scratch {
    let tile = pass.scratch + 2 * planesSize
    return Scratch(
      planes: pass.scratch, products: pass.scratch + planesSize, tile: tile,
      gradient: tile + WinogradTiling.planes * kernels.lanes)
  }

  func pack(_ parameter: Parameter, rows: Range<Int>, from values: UnsafePointer<Float>) {
    if parameter.role == .weights { weights.pack(rows: rows, from: values) }
  }

  func forward(_ pass: LayerPass) {
    let scratch = scratch(pass)
    let bias = weights.sum.bias.map { pass.parameters + $0.offset } ?? UnsafePointer(zeros.start)
    outputTiles.forEachBlock(imageCount: pass.imageCount) { tiles in
      transformInputs(tiles, pass, scratch)
      weights.multiplyForward(scratch.planes, rows: tiles.count, to: scratch.products)
      transformOutputs(
        tiles, outputTiles, scratch, to: pass.output, layouts.output, weights.paddedOutputs, bias: bias, activation)
    }
  }

  func backward(_ pass: LayerPass, gradient: UnsafeMutablePointer<Float>) {
    let (scratch, bias) = (scratch(pass), weights.sum.clearBias(in: gradient))
    for image in 0..<pass.imageCount {
      activationGradient.run(image, outputs: pass.output, gradients: pass.outputGradient, sums: bias)
    }
    outputTiles.forEachBlock(imageCount: pass.imageCount) { tiles in
      transformInputs(tiles, pass, scratch)
      transformGradients(tiles, pass, scratch)
      weights.addOuterProducts(
        scratch.planes, scratch.products, rows: tiles.count, to: scratch.gradient, isFirst: tiles.lowerBound == 0)
    }
    weights.setGradient(gradient, from: scratch.gradient)
    guard let layout = layouts.inputGradient, let inputGradient = pass.inputGradient else { return }
    inputTiles.forEachBlock(imageCount: pass.imageCount) { tiles in
      // The window over the gradient is turned over: its last row lies on the output whose window starts here.
      transform(
        tiles, inputTiles, pass.outputGradient, layouts.outputGradient, weights.paddedOutputs,
        offset: (window.padTop - 2, window.padLeft - 2), scratch)
      weights.multiplyBackward(scratch.planes, rows: tiles.count, to: scratch.products)
      transformOutputs(
        tiles, inputTiles, scratch, to: inputGradient, layout, weights.paddedInputs,
        bias: UnsafePointer(zeros.start), .none)
    }
  }

  private func transformInputs(_ tiles: Range<Int>, _ pass: LayerPass, _ scratch: Scratch) {
    transform(
      tiles, outputTiles, pass.input, layouts.input, weights.paddedInputs,
      offset: (-window.padTop, -window.padLeft), scratch)
  }

  /// Transforms what a block of tiles reads into planes. `offset` leads from a tile's first output to the first row and column
  /// that it reads.
  private func transform(
    _ tiles: Range<Int>, _ tiling: WinogradTiling, _ values: UnsafePointer<Float>, _ layout: ValueLayout,
    _ channels: Int, offset: (y: Int, x: Int), _ scratch: Scratch
  ) {
    var job = dnn_winograd_input_job()
    job.row_stride = layout.rowStride
    job.pixel_stride = layout.pixelStride
    job.channels = channels
    job.plane_stride = WinogradTiling.planeStride(rows: tiles.count, channels: channels)
    job.scratch = scratch.tile
    for tile in tiles {
      let place = tiling.place(tile)
      job.input = values + place.image * layout.size + layout.position(place.y + offset.y, place.x + offset.x)
      job.transformed = scratch.planes + (tile - tiles.lowerBound) * channels
      withUnsafePointer(to: job) { kernels.winograd4_input($0) }
    }
  }

  private func transformGradients(_ tiles: Range<Int>, _ pass: LayerPass, _ scratch: Scratch) {
    let (layout, channels) = (layouts.outputGradient, weights.paddedOutputs)
    var job = dnn_winograd_gradient_job()
    job.row_stride = layout.rowStep
    job.pixel_stride = layout.pixelStep
    job.channels = channels
    job.plane_stride = WinogradTiling.planeStride(rows: tiles.count, channels: channels)
    job.scratch = scratch.tile
    for tile in tiles {
      let place = outputTiles.place(tile)
      job.gradient = UnsafePointer(pass.outputGradient + place.image * layout.size + layout.pixel(place.y, place.x))
      (job.rows, job.columns) = (place.height, place.width)
      job.transformed = scratch.products + (tile - tiles.lowerBound) * channels
      withUnsafePointer(to: job) { trainingKernels.winograd4_gradient($0) }
    }
  }

  /// Transforms a block's products into the pixels of its tiles.
  private func transformOutputs(
    _ tiles: Range<Int>, _ tiling: WinogradTiling, _ scratch: Scratch, to values: UnsafeMutablePointer<Float>,
    _ layout: ValueLayout, _ channels: Int, bias: UnsafePointer<Float>, _ activation: ActivationFunction
  ) {
    var job = dnn_winograd_output_job()
    job.plane_stride = WinogradTiling.planeStride(rows: tiles.count, channels: channels)
    job.bias = bias
    job.activation = activation.kind.rawValue
    job.activation_parameter = activation.parameter
    job.row_stride = layout.rowStep
    job.pixel_stride = layout.pixelStep
    job.channels = channels
    job.scratch = scratch.tile
    for tile in tiles {
      let place = tiling.place(tile)
      job.transformed = UnsafePointer(scratch.products + (tile - tiles.lowerBound) * channels)
      job.output = values + place.image * layout.size + layout.pixel(place.y, place.x)
      (job.rows, job.columns) = (place.height, place.width)
      withUnsafePointer(to: job) { kernels.winograd4_output($0) }
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
