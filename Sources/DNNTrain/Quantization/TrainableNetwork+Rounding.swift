import MNISTInfer

/// Quantization in the loop: the forward pass reads rounded values, and the gradient goes past the rounding as if it were not
/// there, but for values that it clips (Jacob et al.: Quantization and training of neural networks for efficient
/// integer-arithmetic-only inference, 2018, section 3; Bengio, Léonard, Courville: Estimating or propagating gradients through
/// stochastic neurons, 2013).
extension TrainableNetwork {
  /// Rounds what a layer computed for the layers after it.
  func roundOutput(ofLayer layer: Int, _ workspace: Workspace, imageCount: Int) {
    guard let rounding = roundings[layer + 1] else { return }
    let layout = values[layer + 1]
    for image in 0..<imageCount {
      for y in 0..<layout.shape.height {
        let row = image * layout.size + layout.pixel(y, 0)
        rounding.round(
          workspace.outputs[layer + 1] + row, to: workspace.values[layer + 1] + row,
          count: layout.shape.width * layout.pixelStride)
      }
    }
  }

  /// Sets the gradient of what a layer computed to zero where rounding clipped it.
  func stopClipped(ofLayer layer: Int, _ workspace: Workspace, imageCount: Int) {
    guard let rounding = roundings[layer + 1], let gradientLayout = gradients[layer + 1] else { return }
    let layout = values[layer + 1]
    for image in 0..<imageCount {
      for y in 0..<layout.shape.height {
        var output = workspace.outputs[layer + 1] + image * layout.size + layout.pixel(y, 0)
        var gradient = workspace.gradients[layer + 1] + image * gradientLayout.size + gradientLayout.pixel(y, 0)
        for _ in 0..<layout.shape.width {
          rounding.stopClipped(output, gradient: gradient, count: layout.pixelStride)
          output += layout.pixelStep
          gradient += gradientLayout.pixelStep
        }
      }
    }
  }
}
