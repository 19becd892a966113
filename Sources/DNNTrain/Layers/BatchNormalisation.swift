import CKernels
import DNNModel
import Foundation
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
  private let elementwise: (UnsafePointer<dnn_elementwise_job>?) -> Void
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
    elementwise = settings.kernels.elementwise
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

  private var stride: Int { layouts.output.pixelStride }

  /// Mean, variance without bias, and the reciprocal of the standard deviation, of each channel.
  var scratchSize: Int { 3 * stride }

  private struct Statistics {
    let mean: UnsafeMutablePointer<Float>
    let variance: UnsafeMutablePointer<Float>
    let inverseDeviation: UnsafeMutablePointer<Float>

    init(_ scratch: UnsafeMutablePointer<Float>, stride: Int) {
      (mean, variance, inverseDeviation) = (scratch, scratch + stride, scratch + 2 * stride)
    }
  }

  /// Values of a channel in a shard.
  private func count(_ pass: LayerPass) -> Int {
    pass.imageCount * layouts.output.shape.height * layouts.output.shape.width
  }

  func forward(_ pass: LayerPass) {
    let statistics = Statistics(pass.scratch, stride: stride)
    if pass.noise != nil && count(pass) > 1 {
      measure(pass, statistics)
    } else {
      statistics.mean.update(from: pass.parameters + mean.offset, count: stride)
      statistics.variance.update(from: pass.parameters + variance.offset, count: stride)
      setInverseDeviations(statistics, varianceScale: 1)
    }
    let (scales, shifts) = (pass.parameters + scale.offset, pass.parameters + shift.offset)
    forEachRow(pass) { input, outputRow, _, _ in
      forEachVector { channel in
        let centre = Vector(statistics.mean + channel)
        let factor = Vector(statistics.inverseDeviation + channel) * Vector(scales + channel)
        let offset = Vector(shifts + channel)
        forEachPixel { pixel in
          let place = pixel * stride + channel
          ((Vector(input + place) - centre) * factor + offset).store(outputRow + place)
        }
      }
      if activation != .none { activate(outputRow) }
    }
  }

  private func activate(_ row: UnsafeMutablePointer<Float>) {
    var job = dnn_elementwise_job()
    job.a = UnsafePointer(row)
    job.output = row
    job.count = layouts.output.shape.width * stride
    job.activation = activation.kind.rawValue
    job.activation_parameter = activation.parameter
    withUnsafePointer(to: job) { elementwise($0) }
  }

  /// Mean and variance of the shard, the variance around the mean that was found before. Each row is summed by itself first,
  /// which keeps the sums short.
  private func measure(_ pass: LayerPass, _ statistics: Statistics) {
    let count = Float(count(pass))
    statistics.mean.update(repeating: 0, count: stride)
    forEachRow(pass) { input, _, _, _ in
      forEachVector { channel in
        var sum = Vector.zero
        forEachPixel { sum += Vector(input + $0 * stride + channel) }
        (Vector(statistics.mean + channel) + sum).store(statistics.mean + channel)
      }
    }
    forEachVector { (Vector(statistics.mean + $0) / count).store(statistics.mean + $0) }
    statistics.variance.update(repeating: 0, count: stride)
    forEachRow(pass) { input, _, _, _ in
      forEachVector { channel in
        let centre = Vector(statistics.mean + channel)
        var sum = Vector.zero
        forEachPixel {
          let difference = Vector(input + $0 * stride + channel) - centre
          sum += difference * difference
        }
        (Vector(statistics.variance + channel) + sum).store(statistics.variance + channel)
      }
    }
    forEachVector { (Vector(statistics.variance + $0) / (count - 1)).store(statistics.variance + $0) }
    // What normalises is the mean square, what the running variance follows the estimate without bias, as everybody does.
    setInverseDeviations(statistics, varianceScale: (count - 1) / count)
  }

  private func setInverseDeviations(_ statistics: Statistics, varianceScale: Float) {
    forEachVector {
      let variance = Vector(statistics.variance + $0) * varianceScale + BatchNormalisation.epsilon
      (1 / variance.squareRoot()).store(statistics.inverseDeviation + $0)
    }
  }

  /// With x̂ the normalised input and g the gradient of scale × x̂ + shift: that of the shift is the sum of g, that of the scale
  /// the sum of g x̂, and that of the input, since mean and deviation depend on every input too,
  /// scale / deviation × (g - mean of g - x̂ × mean of g x̂).
  func backward(_ pass: LayerPass, gradient: UnsafeMutablePointer<Float>) {
    let statistics = Statistics(pass.scratch, stride: stride)
    let (scaleGradient, shiftGradient) = (gradient + scale.offset, gradient + shift.offset)
    shiftGradient.update(repeating: 0, count: stride)
    for image in 0..<pass.imageCount {
      passBack(
        through: activation, output: pass.output + image * layouts.output.size, layouts.output,
        gradient: pass.outputGradient + image * layouts.outputGradient.size, layouts.outputGradient,
        bias: shiftGradient)
    }
    sumScaleGradient(pass, statistics, scaleGradient)
    if layouts.inputGradient != nil {
      let correction = count(pass) > 1 ? 1 / Float(count(pass)) : 0
      propagate(pass, statistics, scaleGradient, shiftGradient, correction: correction)
    }
    let (meanGradient, varianceGradient) = (gradient + mean.offset, gradient + variance.offset)
    forEachVector { channel in
      (Vector(statistics.mean + channel) * pass.share).store(meanGradient + channel)
      (Vector(statistics.variance + channel) * pass.share).store(varianceGradient + channel)
    }
  }

  private func sumScaleGradient(
    _ pass: LayerPass, _ statistics: Statistics, _ scaleGradient: UnsafeMutablePointer<Float>
  ) {
    scaleGradient.update(repeating: 0, count: stride)
    let step = layouts.outputGradient.pixelStep
    forEachRow(pass) { input, _, outputGradient, _ in
      forEachVector { channel in
        let centre = Vector(statistics.mean + channel)
        let inverseDeviation = Vector(statistics.inverseDeviation + channel)
        var sum = Vector.zero
        forEachPixel { pixel in
          let distance = Vector(input + pixel * stride + channel) - centre
          sum += Vector(outputGradient + pixel * step + channel) * distance
        }
        (Vector(scaleGradient + channel) + sum * inverseDeviation).store(scaleGradient + channel)
      }
    }
  }

  private func propagate(
    _ pass: LayerPass, _ statistics: Statistics, _ scaleGradient: UnsafePointer<Float>,
    _ shiftGradient: UnsafePointer<Float>, correction: Float
  ) {
    guard let layout = layouts.inputGradient else { return }
    let scales = pass.parameters + scale.offset
    let (step, inputStep) = (layouts.outputGradient.pixelStep, layout.pixelStep)
    forEachRow(pass) { input, _, outputGradient, inputGradient in
      forEachVector { channel in
        let centre = Vector(statistics.mean + channel)
        let inverseDeviation = Vector(statistics.inverseDeviation + channel)
        let factor = inverseDeviation * Vector(scales + channel)
        let constant = Vector(shiftGradient + channel) * correction
        let slope = inverseDeviation * Vector(scaleGradient + channel) * correction
        forEachPixel { pixel in
          let distance = Vector(input + pixel * stride + channel) - centre
          let change = Vector(outputGradient + pixel * step + channel) - constant - distance * slope
          (change * factor).store(inputGradient + pixel * inputStep + channel)
        }
      }
    }
  }

  /// Moves running statistics towards those of a batch.
  static func follow(_ batch: UnsafePointer<Float>, _ running: UnsafeMutablePointer<Float>, count: Int) {
    for index in 0..<count { running[index] += momentum * (batch[index] - running[index]) }
  }

  private typealias Floats = UnsafeMutablePointer<Float>

  /// Calls `body` for each row of each image with the first pixel of its input, output, output's gradient and input's
  /// gradient; the last is the output's gradient again where nobody needs it.
  @inline(__always) private func forEachRow(_ pass: LayerPass, _ body: (Floats, Floats, Floats, Floats) -> Void) {
    func row(_ values: Floats, _ layout: ValueLayout, _ image: Int, _ y: Int) -> Floats {
      values + image * layout.size + layout.pixel(y, 0)
    }
    for image in 0..<pass.imageCount {
      for y in 0..<layouts.output.shape.height {
        let outputGradient = row(pass.outputGradient, layouts.outputGradient, image, y)
        var inputGradient = outputGradient
        if let layout = layouts.inputGradient, let start = pass.inputGradient {
          inputGradient = row(start, layout, image, y)
        }
        body(
          row(pass.input, layouts.input, image, y), row(pass.output, layouts.output, image, y), outputGradient,
          inputGradient)
      }
    }
  }

  @inline(__always) private func forEachVector(_ body: (Int) -> Void) {
    var channel = 0
    while channel < stride {
      body(channel)
      channel += Vector.scalarCount
    }
  }

  @inline(__always) private func forEachPixel(_ body: (Int) -> Void) {
    for pixel in 0..<layouts.output.shape.width { body(pixel) }
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
