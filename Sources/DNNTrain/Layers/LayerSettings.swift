import CKernels
import MNISTInfer

/// What every layer is made with.
struct LayerSettings {
  let name: String
  let kernels: dnn_kernels
  let trainingKernels: dnn_training_kernels
  let initialisation: Initialisation
  /// Whether a weighted sum has a bias.
  let hasBias: Bool

  /// Channels rounded up to whole vectors, those of the kernels and those of the elementwise loops.
  func padded(_ channels: Int) -> Int { LayerSettings.padded(channels, kernels) }

  static func padded(_ channels: Int, _ kernels: dnn_kernels) -> Int {
    roundUp(channels, to: max(kernels.lanes, Vector.scalarCount))
  }
}
