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

  /// Four columns of the weights at once.
  private typealias Columns = SIMD4<Double>

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
    let planeSize = winograd.depth * winograd.paddedColumns
    for row in 0..<winograd.depth {
      panels.forEach { _, first, width in
        for column in stride(from: first, to: min(first + width, columns), by: Columns.scalarCount) {
          var kernel = InlineArray<9, Columns>(repeating: .zero)
          for tap in 0..<9 {
            let element = (tap * winograd.depth + row) * columns + column
            for lane in 0..<min(Columns.scalarCount, columns - column) {
              kernel[tap][lane] = Double(network.weight(index, element + lane))
            }
          }
          let place = constants + winograd.weights + winograd.depth * first + row * width + column - first
          if winograd.outputs == 4 {
            write4(kernel, to: place, planeSize: planeSize)
          } else {
            write2(kernel, to: place, planeSize: planeSize)
          }
        }
      }
    }
  }

  private static func store(_ value: Columns, _ place: UnsafeMutablePointer<Float>) {
    UnsafeMutableRawPointer(place).storeBytes(of: SIMD4<Float>(value), as: SIMD4<Float>.self)
  }

  private static func write4(
    _ kernel: InlineArray<9, Columns>, to place: UnsafeMutablePointer<Float>, planeSize: Int
  ) {
    var half = InlineArray<18, Columns>(repeating: .zero)
    for column in 0..<3 {
      let line = transform4(kernel[column], kernel[3 + column], kernel[6 + column])
      for row in 0..<6 { half[3 * row + column] = line[row] }
    }
    for row in 0..<6 {
      let line = transform4(half[3 * row], half[3 * row + 1], half[3 * row + 2])
      for column in 0..<6 { store(line[column], place + (6 * row + column) * planeSize) }
    }
  }

  /// G g for one column g, for the points 0, 1, -1, 2, -2 and infinity.
  @inline(__always)
  private static func transform4(_ a: Columns, _ b: Columns, _ c: Columns) -> InlineArray<6, Columns> {
    let (outer, inner) = ((a + c) / -6, b / 6)
    let (far, middle) = (a / 24 + c / 6, b / 12)
    return [a / 4, outer - inner, outer + inner, far + middle, far - middle, c]
  }

  private static func write2(
    _ kernel: InlineArray<9, Columns>, to place: UnsafeMutablePointer<Float>, planeSize: Int
  ) {
    var half = InlineArray<12, Columns>(repeating: .zero)
    for column in 0..<3 {
      let line = transform2(kernel[column], kernel[3 + column], kernel[6 + column])
      for row in 0..<4 { half[3 * row + column] = line[row] }
    }
    for row in 0..<4 {
      let line = transform2(half[3 * row], half[3 * row + 1], half[3 * row + 2])
      for column in 0..<4 { store(line[column], place + (4 * row + column) * planeSize) }
    }
  }

  /// G g for one column g, for the points 0, 1, -1 and infinity.
  @inline(__always)
  private static func transform2(_ a: Columns, _ b: Columns, _ c: Columns) -> InlineArray<4, Columns> {
    let outer = (a + c) / 2
    return [a, outer + b / 2, outer - b / 2, c]
  }
}
