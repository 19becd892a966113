import CKernels
import MNISTInfer

/// Passes the gradient of a layer's output back through the layer's activation.
struct ActivationGradient {
  private let activation: ActivationFunction
  private let output: ValueLayout
  private let gradient: ValueLayout
  private let kernel: (UnsafePointer<dnn_activation_gradient_job>?) -> Void

  /// - Parameters:
  ///   - settings: the layer's.
  ///   - activation: what it applies.
  ///   - output: where what tells the derivative stands: the layer's output, or for a leaky ReLU of negative slope its input.
  ///   - gradient: where the gradient stands.
  init(_ settings: LayerSettings, _ activation: ActivationFunction, output: ValueLayout, gradient: ValueLayout) {
    self.activation = activation
    self.output = output
    self.gradient = gradient
    kernel = settings.trainingKernels.activation_gradient
  }

  /// Changes the gradient of one image in place.
  ///
  /// - Parameters:
  ///   - image: its place in the shard.
  ///   - outputs: the shard's.
  ///   - gradients: the shard's.
  ///   - sums: what each channel's sum over the pixels is added to, which is the gradient of the bias; or nil.
  func run(
    _ image: Int, outputs: UnsafeMutablePointer<Float>, gradients: UnsafeMutablePointer<Float>,
    sums: UnsafeMutablePointer<Float>?
  ) {
    var job = dnn_activation_gradient_job()
    job.size = output.imageSize
    job.output = output.image(image, of: outputs)
    job.gradient = gradient.image(image, of: gradients)
    job.activation = activation.kind.rawValue
    job.activation_parameter = activation.parameter
    job.sums = sums
    withUnsafePointer(to: job) { kernel($0) }
  }
}
