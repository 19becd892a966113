import CKernels

/// When and how a convolution runs by Winograd's method.
enum WinogradPlanning {
  /// Whether the method is faster for this layer: decided by its shape alone, so that every session computes the same.
  ///
  /// The products take 36 multiply-adds for 16 outputs where the direct way takes 144; tiles that reach over the edge waste
  /// some of that, and the transformations take some 150 operations an input channel and 100 an output channel and tile.
  static func isFaster(_ layer: Layer, input: Shape) -> Bool {
    let window = layer.window
    guard layer.kind == .convolution, window.height == 3, window.width == 3, window.strideHeight == 1,
      window.strideWidth == 1, window.dilationHeight == 1, window.dilationWidth == 1, window.groups == 1
    else { return false }
    let (depth, columns) = (input.channels, layer.output.channels)
    let tiles = tileCount(layer.output.height) * tileCount(layer.output.width)
    let direct = layer.output.height * layer.output.width * 9 * depth * columns
    let products = tiles * 36 * depth * columns
    let transformations = tiles * (150 * depth + 100 * columns)
    // The products reuse their weights less than the direct way does, hence a third more.
    return depth >= 8 && columns >= 8 && products / 3 * 4 + 2 * transformations < direct
  }

  static func tileCount(_ outputs: Int) -> Int { (outputs + 3) / 4 }

  /// The border of the input that the tiles read, beyond what the window itself needs.
  static func border(_ layer: Layer, input: Shape) -> ValueLayout.Border {
    let window = layer.window
    var border = ValueLayout.Border()
    border.cover(window)
    border.bottom = max(border.bottom, 4 * tileCount(layer.output.height) + 2 - window.padTop - input.height)
    border.right = max(border.right, 4 * tileCount(layer.output.width) + 2 - window.padLeft - input.width)
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
          let transformed = transform(kernel)
          for plane in 0..<Step.Winograd.planes {
            let place = plane * winograd.depth * winograd.paddedColumns + winograd.depth * first + row * width
            constants[winograd.weights + place + column - first] = Float(transformed[plane])
          }
        }
      }
    }
  }

  private static func transform(_ kernel: InlineArray<9, Double>) -> InlineArray<36, Double> {
    var half = InlineArray<18, Double>(repeating: 0)
    for column in 0..<3 {
      let line = transform(kernel[column], kernel[3 + column], kernel[6 + column])
      for row in 0..<6 { half[3 * row + column] = line[row] }
    }
    var result = InlineArray<36, Double>(repeating: 0)
    for row in 0..<6 {
      let line = transform(half[3 * row], half[3 * row + 1], half[3 * row + 2])
      for column in 0..<6 { result[6 * row + column] = line[column] }
    }
    return result
  }

  /// G g for one column g, for the points 0, 1, -1, 2, -2 and infinity.
  private static func transform(_ a: Double, _ b: Double, _ c: Double) -> InlineArray<6, Double> {
    [
      a / 4, -(a + b + c) / 6, -(a - b + c) / 6, a / 24 + b / 12 + c / 6, a / 24 - b / 12 + c / 6, c,
    ]
  }
}
