import CKernels
import MNISTInfer

/// The weights of a 3×3 convolution as Winograd's method multiplies with them: transformed, plane by plane, once as they are and
/// once turned over for the gradient of the input.
final class WinogradWeights {
  let sum: WeightedSum
  private let kernels: dnn_kernels
  private let trainingKernels: dnn_training_kernels
  private let inputs: Int
  private let outputs: Int
  private let inputPanels: Panels
  private let outputPanels: Panels
  let paddedInputs: Int
  let paddedOutputs: Int
  private let forward: Buffer<Float>
  /// Empty if nobody needs the gradient of the input.
  private let backward: Buffer<Float>
  private let zeros: Buffer<Float>
  /// By row of a block: where it stands in a plane of inputs, and in one of outputs.
  private let inputRows: Buffer<Int32>
  private let outputRows: Buffer<Int32>
  private static let noOffset: Int32 = 0

  /// - Throws: `Failure` if memory runs out.
  init(_ settings: LayerSettings, inputs: Int, outputs: Int, needsInputGradient: Bool) throws {
    (kernels, trainingKernels) = (settings.kernels, settings.trainingKernels)
    (self.inputs, self.outputs) = (inputs, outputs)
    (paddedInputs, paddedOutputs) = (settings.padded(inputs), settings.padded(outputs))
    sum = WeightedSum(settings, dimensions: [3, 3, inputs, outputs], outputsOfInput: outputs)
    inputPanels = Panels(kernels, paddedColumns: paddedInputs)
    outputPanels = Panels(kernels, paddedColumns: paddedOutputs)
    forward = try Buffer(count: WinogradTiling.planes * inputs * paddedOutputs)
    backward = try Buffer(count: needsInputGradient ? WinogradTiling.planes * outputs * paddedInputs : 0)
    zeros = try Buffer(count: max(paddedInputs, paddedOutputs))
    let (inputStride, outputStride) = (paddedInputs, paddedOutputs)
    inputRows = try offsetTable((0..<WinogradTiling.block).map { $0 * inputStride })
    outputRows = try offsetTable((0..<WinogradTiling.block).map { $0 * outputStride })
  }

  /// Floats of the gradient of the transformed weights.
  var gradientSize: Int { WinogradTiling.planes * inputs * paddedOutputs }

  /// See `TrainableLayer.pack`. A channel's nine weights stand in nine rows, so each rows' share of the channels is packed.
  func pack(rows: Range<Int>, from values: UnsafePointer<Float>) {
    func share(of count: Int) -> Range<Int> {
      rows.lowerBound * count / sum.weights.rows..<rows.upperBound * count / sum.weights.rows
    }
    withScratch(9 * paddedInputs) { scratch, taps in
      for input in share(of: inputs) { packForward(input, values, scratch) }
      if backward.count == 0 { return }
      for output in share(of: outputs) { packBackward(output, values, scratch, taps) }
    }
  }

  /// Calls `body` with what the transforms need, and room for some more floats.
  private func withScratch(
    _ count: Int, _ body: (UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>) -> Void
  ) {
    let transform = WinogradTiling.planes * kernels.lanes
    withUnsafeTemporaryAllocation(of: Float.self, capacity: transform + count) { memory in
      guard let start = memory.baseAddress else { return }
      memory.initialize(repeating: 0)
      body(start, start + transform)
    }
  }

  private func packForward(
    _ input: Int, _ values: UnsafePointer<Float>, _ scratch: UnsafeMutablePointer<Float>
  ) {
    var job = dnn_winograd_weights_job()
    job.tap_stride = inputs * sum.weights.stride
    job.plane_stride = inputs * paddedOutputs
    job.scratch = scratch
    outputPanels.forEach { _, first, width in
      job.columns = width
      job.weights = UnsafeMutablePointer(mutating: values + input * sum.weights.stride + first)
      job.transformed = forward.start + inputs * first + input * width
      withUnsafePointer(to: job) { trainingKernels.winograd4_weights($0) }
    }
  }

  /// Taps in reverse, inputs as columns.
  private func packBackward(
    _ output: Int, _ values: UnsafePointer<Float>, _ scratch: UnsafeMutablePointer<Float>,
    _ taps: UnsafeMutablePointer<Float>
  ) {
    for tap in 0..<9 {
      let (target, source) = (taps + (8 - tap) * paddedInputs, values + tap * inputs * sum.weights.stride + output)
      for input in 0..<inputs { target[input] = source[input * sum.weights.stride] }
    }
    var job = dnn_winograd_weights_job()
    job.tap_stride = paddedInputs
    job.plane_stride = outputs * paddedInputs
    job.scratch = scratch
    inputPanels.forEach { _, first, width in
      job.columns = width
      job.weights = taps + first
      job.transformed = backward.start + outputs * first + output * width
      withUnsafePointer(to: job) { trainingKernels.winograd4_weights($0) }
    }
  }

  /// Takes a block's planes of inputs to those of outputs.
  func multiplyForward(
    _ planes: UnsafePointer<Float>, rows: Int, to products: UnsafeMutablePointer<Float>
  ) {
    var job = dnn_gemm_job()
    (job.row_offsets, job.output_offsets) = (UnsafePointer(inputRows.start), UnsafePointer(outputRows.start))
    (job.rows, job.depth) = (rows, inputs)
    multiply(job, planes, paddedInputs, outputPanels, forward.start, products, paddedOutputs)
  }

  /// Takes a block's planes of the output's gradient to those of the input's.
  func multiplyBackward(
    _ planes: UnsafePointer<Float>, rows: Int, to products: UnsafeMutablePointer<Float>
  ) {
    var job = dnn_gemm_job()
    (job.row_offsets, job.output_offsets) = (UnsafePointer(outputRows.start), UnsafePointer(inputRows.start))
    (job.rows, job.depth) = (rows, outputs)
    multiply(job, planes, paddedOutputs, inputPanels, backward.start, products, paddedInputs)
  }

  private func multiply(
    _ base: dnn_gemm_job, _ planes: UnsafePointer<Float>, _ planeWidth: Int, _ panels: Panels,
    _ weights: UnsafePointer<Float>, _ products: UnsafeMutablePointer<Float>, _ productWidth: Int
  ) {
    withUnsafePointer(to: WinogradWeights.noOffset) { noOffset in
      var job = base
      (job.taps, job.tap_offsets) = (1, noOffset)
      let planeStride = WinogradTiling.planeStride(rows: job.rows, channels: planeWidth)
      let productStride = WinogradTiling.planeStride(rows: job.rows, channels: productWidth)
      for plane in 0..<WinogradTiling.planes {
        job.input = planes + plane * planeStride
        panels.forEach { _, first, width in
          job.columns = width
          job.weights = weights + job.depth * (plane * productWidth + first)
          job.bias = UnsafePointer(zeros.start + first)
          job.output = products + plane * productStride + first
          withUnsafePointer(to: job) { kernels.gemm($0) }
        }
      }
    }
  }

  /// Adds a block to the gradient of the transformed weights, or starts it.
  ///
  /// - Parameters:
  ///   - planes: of the inputs.
  ///   - gradients: planes of the output's gradient.
  ///   - rows: tiles of the block.
  ///   - product: `gradientSize` floats.
  ///   - isFirst: whether the sum starts here.
  func addOuterProducts(
    _ planes: UnsafePointer<Float>, _ gradients: UnsafePointer<Float>, rows: Int,
    to product: UnsafeMutablePointer<Float>, isFirst: Bool
  ) {
    var job = dnn_outer_job()
    (job.left_offsets, job.right_offsets) = (UnsafePointer(inputRows.start), UnsafePointer(outputRows.start))
    (job.steps, job.rows) = (rows, inputs)
    job.product_stride = paddedOutputs
    job.accumulate = isFirst ? 0 : 1
    let planeStride = WinogradTiling.planeStride(rows: rows, channels: paddedInputs)
    let gradientStride = WinogradTiling.planeStride(rows: rows, channels: paddedOutputs)
    for plane in 0..<WinogradTiling.planes {
      job.left = planes + plane * planeStride
      outputPanels.forEach { _, first, width in
        job.columns = width
        job.right = gradients + plane * gradientStride + first
        job.product = product + plane * inputs * paddedOutputs + first
        withUnsafePointer(to: job) { trainingKernels.outer($0) }
      }
    }
  }

  /// Takes the gradient of the transformed weights back to that of the weights.
  func setGradient(_ gradient: UnsafeMutablePointer<Float>, from product: UnsafeMutablePointer<Float>) {
    withScratch(0) { scratch, _ in
      var job = dnn_winograd_weights_job()
      job.tap_stride = inputs * sum.weights.stride
      job.columns = paddedOutputs
      job.plane_stride = inputs * paddedOutputs
      job.scratch = scratch
      for input in 0..<inputs {
        job.weights = gradient + sum.weights.offset + input * sum.weights.stride
        job.transformed = product + input * paddedOutputs
        withUnsafePointer(to: job) { trainingKernels.winograd4_weight_gradient($0) }
      }
    }
  }
}
