import CKernels
import DNNModel
import MNISTInfer

/// Batch normalisation (Ioffe, Szegedy: Batch normalization, 2015) with an activation: each channel brought to mean 0 and
/// variance 1, then to a learned scale and shift.
///
/// Mean and variance are those of the shard, not of the batch: "ghost batches" (Hoffer, Hubara, Soudry: Train longer, generalize
/// better, 2017). A shard of 16 images has a fixed place in the batch, so the result does not depend on threads; no thread
/// waits for another in the middle of the network; and the noise of small batches regularises. What the model will use are
/// running means, which follow the mean of the shards' statistics after each batch.
///
/// A shard with one value a channel has no variance: it is normalised by the running statistics.
final class BatchNormalisation: TrainableLayer {
  let name: String
  private let activation: ActivationFunction
  private let layouts: LayerLayouts
  /// Whether the layer before is a weighted sum that nobody else reads, which the normalisation becomes part of in a file.
  private let isFolded: Bool
  private let activationGradient: ActivationGradient
  private let kernels: dnn_training_kernels
  private let scale: Parameter
  private let shift: Parameter
  private let mean: Parameter
  private let variance: Parameter

  /// Added to the variance, so that nothing is divided by zero.
  static let epsilon: Float = 1e-5
  /// How far the running statistics go to those of a batch.
  static let momentum: Float = 0.1

  init(_ settings: LayerSettings, activation: ActivationFunction, layouts: LayerLayouts, isFolded: Bool) {
    name = settings.name
    self.activation = activation
    self.layouts = layouts
    self.isFolded = isFolded
    activationGradient = ActivationGradient(
      settings, activation, output: layouts.output, gradient: layouts.outputGradient)
    kernels = settings.trainingKernels
    let (columns, stride) = (layouts.output.shape.channels, layouts.output.pixelStride)
    func parameter(_ role: Parameter.Role, _ index: Int, start: Float) -> Parameter {
      .vector(role, columns: columns, stride: stride, offset: index * stride, start: start)
    }
    scale = parameter(.scale, 0, start: 1)
    shift = parameter(.shift, 1, start: 0)
    mean = parameter(.mean, 2, start: 0)
    variance = parameter(.variance, 3, start: 1)
  }

  var parameters: [Parameter] { [scale, shift, mean, variance] }

  /// By how many numbers the file has fewer: of scale and shift, the layer before takes a bias for each channel.
  var foldedCount: Int { isFolded ? scale.columns : 0 }

  private var stride: Int { layouts.output.pixelStride }

  /// Vectors of a number for each channel, which a shard needs from its forward to its backward pass.
  private struct Vectors {
    let mean, variance, inverseDeviation: UnsafeMutablePointer<Float>
    /// What differences from the mean are multiplied by: scale / deviation.
    let factor: UnsafeMutablePointer<Float>
    /// For the backward pass.
    let slope, offset: UnsafeMutablePointer<Float>

    static let count = 6

    init(_ scratch: UnsafeMutablePointer<Float>, stride: Int) {
      (mean, variance, inverseDeviation) = (scratch, scratch + stride, scratch + 2 * stride)
      (factor, slope, offset) = (scratch + 3 * stride, scratch + 4 * stride, scratch + 5 * stride)
    }
  }

  var scratchSize: Int { Vectors.count * stride }

  /// Values of a channel in a shard.
  private func count(_ pass: LayerPass) -> Int {
    pass.imageCount * layouts.output.shape.height * layouts.output.shape.width
  }

  func forward(_ pass: LayerPass) {
    let vectors = Vectors(pass.scratch, stride: stride)
    if pass.noise != nil && count(pass) > 1 {
      measure(pass, vectors)
    } else {
      vectors.mean.update(from: pass.parameters + mean.offset, count: stride)
      vectors.variance.update(from: pass.parameters + variance.offset, count: stride)
      setInverseDeviations(vectors, varianceScale: 1)
    }
    let scales = pass.parameters + scale.offset
    forEachVector {
      (Vector(vectors.inverseDeviation + $0) * Vector(scales + $0)).store(vectors.factor + $0)
    }
    var job = dnn_normalise_job()
    job.size = layouts.output.imageSize
    job.centre = UnsafePointer(vectors.mean)
    job.factor = UnsafePointer(vectors.factor)
    job.offset = pass.parameters + shift.offset
    job.activation = activation.kind.rawValue
    job.activation_parameter = activation.parameter
    for image in 0..<pass.imageCount {
      job.input = layouts.input.image(image, of: pass.input)
      job.output = layouts.output.image(image, of: pass.output)
      withUnsafePointer(to: job) { kernels.normalise($0) }
    }
  }

  /// Mean and variance of the shard, the variance around the mean that was found before.
  private func measure(_ pass: LayerPass, _ vectors: Vectors) {
    let count = Float(count(pass))
    var job = dnn_channel_sums_job()
    job.centre = UnsafePointer(vectors.mean)
    addUp(pass, &job, into: vectors.mean, kernels.channel_sums)
    forEachVector { (Vector(vectors.mean + $0) / count).store(vectors.mean + $0) }
    addUp(pass, &job, into: vectors.variance, kernels.channel_squares)
    forEachVector { (Vector(vectors.variance + $0) / (count - 1)).store(vectors.variance + $0) }
    // What normalises is the mean square, what the running variance follows the estimate without bias, as everybody does.
    setInverseDeviations(vectors, varianceScale: (count - 1) / count)
  }

  /// Sets sums to those over the shard's inputs, weighted with the output's gradient where a kernel reads weights.
  private func addUp(
    _ pass: LayerPass, _ job: inout dnn_channel_sums_job, into sums: UnsafeMutablePointer<Float>,
    _ kernel: (UnsafePointer<dnn_channel_sums_job>?) -> Void
  ) {
    sums.update(repeating: 0, count: stride)
    job.size = layouts.output.imageSize
    job.sums = sums
    for image in 0..<pass.imageCount {
      job.input = layouts.input.image(image, of: pass.input)
      job.weight = layouts.outputGradient.image(image, of: pass.outputGradient)
      withUnsafePointer(to: job) { kernel($0) }
    }
  }

  private func setInverseDeviations(_ vectors: Vectors, varianceScale: Float) {
    forEachVector {
      let variance = Vector(vectors.variance + $0) * varianceScale + BatchNormalisation.epsilon
      (1 / variance.squareRoot()).store(vectors.inverseDeviation + $0)
    }
  }

  /// With x̂ the normalised input and g the gradient of scale × x̂ + shift: that of the shift is the sum of g, that of the scale
  /// the sum of g x̂, and that of the input, since mean and deviation depend on every input too,
  /// scale / deviation × (g - mean of g - x̂ × mean of g x̂).
  func backward(_ pass: LayerPass, gradient: UnsafeMutablePointer<Float>) {
    let vectors = Vectors(pass.scratch, stride: stride)
    let (scaleGradient, shiftGradient) = (gradient + scale.offset, gradient + shift.offset)
    shiftGradient.update(repeating: 0, count: stride)
    for image in 0..<pass.imageCount {
      activationGradient.run(image, outputs: pass.output, gradients: pass.outputGradient, sums: shiftGradient)
    }
    var job = dnn_channel_sums_job()
    job.centre = UnsafePointer(vectors.mean)
    addUp(pass, &job, into: scaleGradient, kernels.channel_products)
    forEachVector {
      (Vector(scaleGradient + $0) * Vector(vectors.inverseDeviation + $0)).store(scaleGradient + $0)
    }
    if layouts.inputGradient != nil { propagate(pass, vectors, scaleGradient, shiftGradient) }
    let (meanGradient, varianceGradient) = (gradient + mean.offset, gradient + variance.offset)
    forEachVector { channel in
      (Vector(vectors.mean + channel) * pass.share).store(meanGradient + channel)
      (Vector(vectors.variance + channel) * pass.share).store(varianceGradient + channel)
    }
  }

  private func propagate(
    _ pass: LayerPass, _ vectors: Vectors, _ scaleGradient: UnsafePointer<Float>,
    _ shiftGradient: UnsafePointer<Float>
  ) {
    guard let layout = layouts.inputGradient, let inputGradient = pass.inputGradient else { return }
    // A single value a channel was normalised by statistics that do not depend on it.
    let correction = count(pass) > 1 ? 1 / Float(count(pass)) : 0
    forEachVector {
      (Vector(shiftGradient + $0) * correction).store(vectors.offset + $0)
      (Vector(vectors.inverseDeviation + $0) * Vector(scaleGradient + $0) * correction).store(vectors.slope + $0)
    }
    var job = dnn_normalise_gradient_job()
    job.size = layouts.output.imageSize
    job.centre = UnsafePointer(vectors.mean)
    job.slope = UnsafePointer(vectors.slope)
    job.factor = UnsafePointer(vectors.factor)
    job.offset = UnsafePointer(vectors.offset)
    for image in 0..<pass.imageCount {
      job.input = layouts.input.image(image, of: pass.input)
      job.gradient = layouts.outputGradient.image(image, of: pass.outputGradient)
      job.output = layout.image(image, of: inputGradient)
      withUnsafePointer(to: job) { kernels.normalise_gradient($0) }
    }
  }

  /// Moves running statistics towards those of a batch.
  static func follow(_ batch: UnsafePointer<Float>, _ running: UnsafeMutablePointer<Float>, count: Int) {
    for index in 0..<count { running[index] += momentum * (batch[index] - running[index]) }
  }

  @inline(__always) private func forEachVector(_ body: (Int) -> Void) {
    var channel = 0
    while channel < stride {
      body(channel)
      channel += Vector.scalarCount
    }
  }

  func export(to builder: inout ModelBuilder, inputs: [Int], values: UnsafePointer<Float>) -> Int {
    func elements(_ parameter: Parameter) -> [Double] { parameter.elements(of: values).map(Double.init) }
    let factors = zip(elements(scale), elements(variance)).map { scale, variance in
      scale / (variance + Double(BatchNormalisation.epsilon)).squareRoot()
    }
    let terms = zip(elements(shift), zip(elements(mean), factors)).map { shift, other in shift - other.0 * other.1 }
    let transform = ChannelTransform(factors: factors, terms: terms, activation: activation)
    if isFolded { return builder.fold(transform, intoValue: inputs[0]) }
    return builder.append(transform, name: name, inputs: inputs, output: layouts.output.shape)
  }
}
