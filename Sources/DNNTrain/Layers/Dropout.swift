import CKernels
import MNISTInfer

/// While training, sets each value to zero with probability `rate` and divides the others by 1 - `rate`, so that the expected
/// value stays; outside training it does nothing, and a model's file does not have it.
final class Dropout: TrainableLayer {
  let name: String
  private let layouts: LayerLayouts
  private let keptScale: Float
  /// A value is dropped where 32 random bits are below this.
  private let threshold: UInt32
  private let dropoutFactors: (UnsafePointer<dnn_dropout_job>?) -> Void

  init(_ settings: LayerSettings, rate: Double, layouts: LayerLayouts) {
    name = settings.name
    self.layouts = layouts
    keptScale = Float(1 / (1 - rate))
    threshold = UInt32(rate * 0x1p32)
    dropoutFactors = settings.trainingKernels.dropout_factors
  }

  /// The factor of each value, from the forward to the backward pass.
  var scratchSize: Int { shardSize * factorCount }

  /// Factors of one image.
  var factorCount: Int { layouts.output.shape.height * layouts.output.shape.width * layouts.output.pixelStride }

  func forward(_ pass: LayerPass) {
    for image in 0..<pass.imageCount {
      let factors = pass.scratch + image * factorCount
      if let noise = pass.noise {
        draw(factors, noise.stream(pass.firstImage + image))
      } else {
        factors.update(repeating: 1, count: factorCount)
      }
      multiply(
        pass.input + image * layouts.input.size, layouts.input, by: factors,
        into: pass.output + image * layouts.output.size, layouts.output)
    }
  }

  func backward(_ pass: LayerPass, gradient: UnsafeMutablePointer<Float>) {
    guard let layout = layouts.inputGradient, let inputGradient = pass.inputGradient else { return }
    for image in 0..<pass.imageCount {
      multiply(
        pass.outputGradient + image * layouts.outputGradient.size, layouts.outputGradient,
        by: pass.scratch + image * factorCount, into: inputGradient + image * layout.size, layout)
    }
  }

  /// Bits are numbered by pixel and channel, without padding, so that the vectors' width does not show.
  private func draw(_ factors: UnsafeMutablePointer<Float>, _ noise: RandomKey) {
    let (channels, stride) = (layouts.output.shape.channels, layouts.output.pixelStride)
    var job = dnn_dropout_job()
    job.state = noise.state
    (job.threshold, job.scale) = (threshold, keptScale)
    // Without padding the image is one run, otherwise each pixel is one.
    let runs = channels == stride ? 1 : factorCount / stride
    job.count = channels == stride ? factorCount : channels
    for run in 0..<runs {
      job.first = run * channels
      job.factors = factors + run * stride
      withUnsafePointer(to: job) { dropoutFactors($0) }
    }
  }

  private func multiply(
    _ source: UnsafePointer<Float>, _ sourceLayout: ValueLayout, by factors: UnsafePointer<Float>,
    into target: UnsafeMutablePointer<Float>, _ targetLayout: ValueLayout
  ) {
    let stride = layouts.output.pixelStride
    var factor = factors
    for y in 0..<layouts.output.shape.height {
      for x in 0..<layouts.output.shape.width {
        let (from, to) = (source + sourceLayout.pixel(y, x), target + targetLayout.pixel(y, x))
        var channel = 0
        while channel < stride {
          (Vector(from + channel) * Vector(factor + channel)).store(to + channel)
          channel += Vector.scalarCount
        }
        factor += stride
      }
    }
  }

  func export(to builder: inout ModelBuilder, inputs: [Int], values: UnsafePointer<Float>) -> Int { inputs[0] }
}
