import CKernels
import MNISTInfer

/// The weights of a convolution or dense layer as the matrix product reads them: once as they are, for the forward pass, and
/// once turned over, for the gradient of the input.
///
/// Row t * inputs + c of the matrix, stored in rows of `stride` floats, holds the weights from channel c under window position
/// t to all outputs.
final class ProductWeights {
  private let kernels: dnn_kernels
  private let trainingKernels: dnn_training_kernels
  private let inputs: Int
  private let outputs: Int
  let sum: WeightedSum
  private let inputPanels: Panels
  private let outputPanels: Panels
  private let forward: Buffer<Float>
  /// Empty if nobody needs the gradient of the input.
  private let backward: Buffer<Float>
  /// What stands in for a bias.
  private let zeros: Buffer<Float>

  /// - Parameters:
  ///   - settings: the layer's.
  ///   - dimensions: of the weights in a model's file; the last two are inputs and outputs.
  ///   - needsInputGradient: whether `multiplyBackward` will be called.
  /// - Throws: `Failure` if memory runs out.
  init(_ settings: LayerSettings, dimensions: [Int], needsInputGradient: Bool) throws {
    kernels = settings.kernels
    trainingKernels = settings.trainingKernels
    inputs = dimensions[dimensions.count - 2]
    outputs = dimensions[dimensions.count - 1]
    sum = WeightedSum(settings, dimensions: dimensions, outputsOfInput: outputs)
    let (paddedInputs, paddedOutputs) = (settings.padded(inputs), settings.padded(outputs))
    inputPanels = Panels(kernels, paddedColumns: paddedInputs)
    outputPanels = Panels(kernels, paddedColumns: paddedOutputs)
    forward = try Buffer(count: sum.weights.size)
    backward = try Buffer(count: needsInputGradient ? sum.weights.rows / inputs * outputs * paddedInputs : 0)
    zeros = try Buffer(count: max(paddedInputs, paddedOutputs))
  }

  private var weights: Parameter { sum.weights }

  /// See `TrainableLayer.pack`.
  func pack(rows: Range<Int>, from values: UnsafePointer<Float>) {
    packForward(rows, values)
    if backward.count > 0 { packBackward(rows, values) }
  }

  private func packForward(_ rows: Range<Int>, _ values: UnsafePointer<Float>) {
    outputPanels.forEach { _, first, width in
      let panel = forward.start + weights.rows * first
      for row in rows { (panel + row * width).update(from: values + row * weights.stride + first, count: width) }
    }
  }

  /// Window positions in reverse, inputs as columns.
  private func packBackward(_ rows: Range<Int>, _ values: UnsafePointer<Float>) {
    let taps = weights.rows / inputs
    let depth = taps * outputs
    inputPanels.forEach { _, first, width in
      let panel = backward.start + depth * first
      for row in rows {
        let (tap, input) = (row / inputs, row % inputs)
        if input < first || input >= first + width { continue }
        var target = panel + (taps - 1 - tap) * outputs * width + input - first
        let source = values + row * weights.stride
        for output in 0..<outputs {
          target.pointee = source[output]
          target += width
        }
      }
    }
  }

  /// Runs a job on all outputs. The job lacks its columns, weights and bias.
  func multiplyForward(_ job: dnn_gemm_job, parameters: UnsafePointer<Float>) {
    multiply(
      job, outputPanels, UnsafePointer(forward.start), bias: sum.bias.map { parameters + $0.offset },
      depth: weights.rows)
  }

  /// Runs a job from gradients of the output to gradients of the input. The job lacks its columns, weights and bias.
  func multiplyBackward(_ job: dnn_gemm_job) {
    let depth = weights.rows / inputs * outputs
    multiply(job, inputPanels, UnsafePointer(backward.start), bias: nil, depth: depth)
  }

  private func multiply(
    _ base: dnn_gemm_job, _ panels: Panels, _ packed: UnsafePointer<Float>, bias: UnsafePointer<Float>?, depth: Int
  ) {
    panels.forEach { _, first, width in
      var job = base
      job.columns = width
      job.weights = packed + depth * first
      job.bias = bias.map { $0 + first } ?? UnsafePointer(zeros.start + first)
      job.output = base.output + first
      withUnsafePointer(to: job) { kernels.gemm($0) }
    }
  }

  /// Runs the sum of outer products into the gradient of some rows of the weights. The job lacks its columns and product.
  func addOuterProducts(_ base: dnn_outer_job, product: UnsafeMutablePointer<Float>) {
    outputPanels.forEach { _, first, width in
      var job = base
      job.columns = width
      job.right = base.right + first
      job.product = product + first
      job.product_stride = weights.stride
      withUnsafePointer(to: job) { trainingKernels.outer($0) }
    }
  }
}
