import CKernels
import DNNModel
import MNISTInfer

/// Every output a weighted sum of all inputs, with an activation. Input and output are vectors.
///
/// The images of a shard are the rows of its matrix products, so that a weight is loaded once for several images.
final class Dense: TrainableLayer {
  let name: String
  private let activation: ActivationFunction
  private let activationGradient: ActivationGradient
  private let layouts: LayerLayouts
  private let weights: ProductWeights
  /// By image of a shard.
  private let inputs: Buffer<Int32>
  private let outputs: Buffer<Int32>
  private let inputGradients: Buffer<Int32>
  private let outputGradients: Buffer<Int32>
  private static let noOffset: Int32 = 0

  init(_ settings: LayerSettings, activation: ActivationFunction, layouts: LayerLayouts) throws {
    name = settings.name
    self.activation = activation
    activationGradient = ActivationGradient(
      settings, activation, output: layouts.output, gradient: layouts.outputGradient)
    self.layouts = layouts
    weights = try ProductWeights(
      settings, dimensions: [layouts.input.shape.count, layouts.output.shape.count],
      needsInputGradient: layouts.inputGradient != nil)
    func table(_ layout: ValueLayout) throws -> Buffer<Int32> {
      try offsetTable((0..<shardSize).map { $0 * layout.size + layout.pixel(0, 0) })
    }
    inputs = try table(layouts.input)
    outputs = try table(layouts.output)
    inputGradients = try table(layouts.inputGradient ?? layouts.input)
    outputGradients = try table(layouts.outputGradient)
  }

  var parameters: [Parameter] { weights.sum.parameters }

  func pack(_ parameter: Parameter, rows: Range<Int>, from values: UnsafePointer<Float>) {
    if parameter.role == .weights { weights.pack(rows: rows, from: values) }
  }

  func forward(_ pass: LayerPass) {
    var job = dnn_gemm_job()
    job.input = UnsafePointer(pass.input)
    job.row_offsets = UnsafePointer(inputs.start)
    job.output = pass.output
    job.output_offsets = UnsafePointer(outputs.start)
    job.rows = pass.imageCount
    job.depth = layouts.input.shape.count
    job.activation = activation.kind.rawValue
    job.activation_parameter = activation.parameter
    withUnsafePointer(to: Dense.noOffset) {
      (job.taps, job.tap_offsets) = (1, $0)
      weights.multiplyForward(job, parameters: pass.parameters)
    }
  }

  func backward(_ pass: LayerPass, gradient: UnsafeMutablePointer<Float>) {
    let bias = weights.sum.clearBias(in: gradient)
    for image in 0..<pass.imageCount {
      activationGradient.run(image, outputs: pass.output, gradients: pass.outputGradient, sums: bias)
    }
    var job = dnn_outer_job()
    job.left = UnsafePointer(pass.input)
    job.left_offsets = UnsafePointer(inputs.start)
    job.right = UnsafePointer(pass.outputGradient)
    job.right_offsets = UnsafePointer(outputGradients.start)
    job.steps = pass.imageCount
    job.rows = layouts.input.shape.count
    weights.addOuterProducts(job, product: gradient)
    if let inputGradient = pass.inputGradient { propagate(pass, to: inputGradient) }
  }

  private func propagate(_ pass: LayerPass, to inputGradient: UnsafeMutablePointer<Float>) {
    var job = dnn_gemm_job()
    job.input = UnsafePointer(pass.outputGradient)
    job.row_offsets = UnsafePointer(outputGradients.start)
    job.output = inputGradient
    job.output_offsets = UnsafePointer(inputGradients.start)
    job.rows = pass.imageCount
    job.depth = layouts.output.shape.count
    withUnsafePointer(to: Dense.noOffset) {
      (job.taps, job.tap_offsets) = (1, $0)
      weights.multiplyBackward(job)
    }
  }

  func export(to builder: inout ModelBuilder, inputs: [Int], values: UnsafePointer<Float>) -> Int {
    builder.append(.dense, name: name, inputs: inputs, output: layouts.output.shape) { layer, builder in
      layer.activation = activation.kind
      layer.activationParameter = activation.parameter
      weights.sum.export(to: &layer, &builder, name: name, values: values)
    }
  }
}
