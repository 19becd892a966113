import CKernels

/// What a convolution by Winograd's method needs before it runs.
enum WinogradPlanning {
  /// The border of the input that the tiles read, beyond what the window itself needs.
  static func border(_ layer: Layer, input: Shape, outputs: Int) -> ValueLayout.Border {
    let window = layer.window
    var border = ValueLayout.Border()
    border.cover(window)
    let rows = outputs * divideUp(layer.output.height, by: outputs) + 2
    let columns = outputs * divideUp(layer.output.width, by: outputs) + 2
    border.bottom = max(border.bottom, rows - window.padTop - input.height)
    border.right = max(border.right, columns - window.padLeft - input.width)
    return border
  }

  /// Writes the transformed weights G g G^T of all planes, packed for the products.
  ///
  /// In double precision, because this happens once: the weights are then rounded once only.
  static func writeWeights(
    _ winograd: Step.Winograd, _ layer: Layer, _ network: borrowing Network, _ kernels: dnn_kernels,
    to constants: UnsafeMutablePointer<Float>
  ) {
    guard let index = layer.weights else { return }
    let panels = Panels(kernels, paddedColumns: winograd.paddedColumns)
    let columns = layer.output.channels
    for row in 0..<winograd.depth {
      panels.forEach { _, first, width in
        for column in first..<min(first + width, columns) {
          var kernel = InlineArray<9, Double>(repeating: 0)
          for tap in 0..<9 {
            kernel[tap] = Double(network.weight(index, (tap * winograd.depth + row) * columns + column))
          }
          let transformed = winograd.outputs == 4 ? transform4(kernel) : transform2(kernel)
          for plane in 0..<winograd.planes {
            let place = plane * winograd.depth * winograd.paddedColumns + winograd.depth * first + row * width
            constants[winograd.weights + place + column - first] = Float(transformed[plane])
          }
        }
      }
    }
  }

  private static func transform4(_ kernel: InlineArray<9, Double>) -> InlineArray<36, Double> {
    var half = InlineArray<18, Double>(repeating: 0)
    for column in 0..<3 {
      let line = transform4(kernel[column], kernel[3 + column], kernel[6 + column])
      for row in 0..<6 { half[3 * row + column] = line[row] }
    }
    var result = InlineArray<36, Double>(repeating: 0)
    for row in 0..<6 {
      let line = transform4(half[3 * row], half[3 * row + 1], half[3 * row + 2])
      for column in 0..<6 { result[6 * row + column] = line[column] }
    }
    return result
  }

  /// G g for one column g, for the points 0, 1, -1, 2, -2 and infinity.
  private static func transform4(_ a: Double, _ b: Double, _ c: Double) -> InlineArray<6, Double> {
    [
      a / 4, -(a + b + c) / 6, -(a - b + c) / 6, a / 24 + b / 12 + c / 6, a / 24 - b / 12 + c / 6, c,
    ]
  }

  private static func transform2(_ kernel: InlineArray<9, Double>) -> InlineArray<36, Double> {
    var half = InlineArray<12, Double>(repeating: 0)
    for column in 0..<3 {
      let line = transform2(kernel[column], kernel[3 + column], kernel[6 + column])
      for row in 0..<4 { half[3 * row + column] = line[row] }
    }
    var result = InlineArray<36, Double>(repeating: 0)
    for row in 0..<4 {
      let line = transform2(half[3 * row], half[3 * row + 1], half[3 * row + 2])
      for column in 0..<4 { result[4 * row + column] = line[column] }
    }
    return result
  }

  /// G g for one column g, for the points 0, 1, -1 and infinity.
  private static func transform2(_ a: Double, _ b: Double, _ c: Double) -> InlineArray<4, Double> {
    [a, (a + b + c) / 2, (a - b + c) / 2, c]
  }
}
