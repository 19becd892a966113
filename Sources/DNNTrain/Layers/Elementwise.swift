import CKernels
import DNNModel
import MNISTInfer

/// An activation of each element: of one value, or of the sum of two.
final class Elementwise: TrainableLayer {
  let name: String
  private let activation: ActivationFunction
  private let layouts: LayerLayouts
  /// Whether the derivative is told from the input. A network has an activation that its output does not tell only where it
  /// reads one value; see `NetworkPlan`.
  private let readsInput: Bool
  private let activationGradient: ActivationGradient
  private let elementwise: (UnsafePointer<dnn_elementwise_job>?) -> Void

  init(_ settings: LayerSettings, activation: ActivationFunction, layouts: LayerLayouts) {
    name = settings.name
    self.activation = activation
    self.layouts = layouts
    readsInput = !activation.isInvertible
    activationGradient = ActivationGradient(
      settings, activation, output: readsInput ? layouts.input : layouts.output, gradient: layouts.outputGradient)
    elementwise = settings.kernels.elementwise
  }

  func forward(_ pass: LayerPass) {
    var job = dnn_elementwise_job()
    job.count = layouts.output.shape.width * layouts.output.pixelStride
    job.activation = activation.kind.rawValue
    job.activation_parameter = activation.parameter
    for image in 0..<pass.imageCount {
      for y in 0..<layouts.output.shape.height {
        job.a = UnsafePointer(pass.input + image * layouts.input.size + layouts.input.pixel(y, 0))
        job.b = layouts.secondInput.map { UnsafePointer(pass.secondInput + image * $0.size + $0.pixel(y, 0)) }
        job.output = pass.output + image * layouts.output.size + layouts.output.pixel(y, 0)
        withUnsafePointer(to: job) { elementwise($0) }
      }
    }
  }

  func backward(_ pass: LayerPass, gradient: UnsafeMutablePointer<Float>) {
    let layout = layouts.outputGradient
    for image in 0..<pass.imageCount {
      let outputGradient = pass.outputGradient + image * layout.size
      activationGradient.run(
        image, outputs: readsInput ? pass.input : pass.output, gradients: pass.outputGradient, sums: nil)
      if let target = layouts.inputGradient, let start = pass.inputGradient {
        copyPixels(outputGradient, layout, to: start + image * target.size, target)
      }
      if let target = layouts.secondInputGradient, let start = pass.secondInputGradient {
        copyPixels(outputGradient, layout, to: start + image * target.size, target)
      }
    }
  }

  func export(to builder: inout ModelBuilder, inputs: [Int], values: UnsafePointer<Float>) -> Int {
    let kind: LayerKind = layouts.secondInput == nil ? .activation : .add
    return builder.append(kind, name: name, inputs: inputs, output: layouts.output.shape) { layer, _ in
      layer.activation = activation.kind
      layer.activationParameter = activation.parameter
    }
  }
}
