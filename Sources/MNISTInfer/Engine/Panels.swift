import CKernels

/// Cuts the columns of a matrix product into panels: as many of the widest as fit, then narrower ones for the rest.
///
/// - Parameter paddedColumns: a multiple of the kernels' lanes.
package struct Panels {
  private let lanes: Int
  private let widest: Int
  private let paddedColumns: Int
  private let takesPairs: Bool

  /// With `takesPairs`, for a product of one row, two of the widest panels side by side are one.
  package init(_ kernels: dnn_kernels, paddedColumns: Int, takesPairs: Bool = false) {
    self.init(lanes: kernels.lanes, widest: kernels.widest_panel, paddedColumns: paddedColumns, takesPairs: takesPairs)
  }

  /// For other kernels; `paddedColumns` is a multiple of their lanes.
  init(lanes: Int, widest: Int, paddedColumns: Int, takesPairs: Bool = false) {
    self.lanes = lanes
    self.widest = widest
    self.paddedColumns = paddedColumns
    self.takesPairs = takesPairs
  }

  /// Columns of the panel that starts at `column`.
  package func width(at column: Int) -> Int {
    let rest = paddedColumns - column
    if takesPairs && rest >= 2 * widest { return 2 * widest }
    if rest >= widest { return widest }
    return rest >= 2 * lanes ? 2 * lanes : lanes
  }

  /// Calls `body` with the index, start and width of each panel.
  package func forEach(_ body: (Int, Int, Int) -> Void) {
    var (index, column) = (0, 0)
    while column < paddedColumns {
      let width = width(at: column)
      body(index, column, width)
      (index, column) = (index + 1, column + width)
    }
  }

  package var count: Int {
    var count = 0
    forEach { _, _, _ in count += 1 }
    return count
  }

  /// Packs a matrix of `depth` rows into panels: panel after panel, each row after row. Columns past the matrix stay as they
  /// are, zero.
  ///
  /// The matrix is the columns from `firstColumn` of a tensor whose last dimension are all columns.
  func pack(
    _ tensors: borrowing Buffer<Tensor>, _ index: Int, firstColumn: Int, columns: Int, depth: Int,
    into packed: UnsafeMutablePointer<Float>
  ) {
    let tensor = tensors[index]
    let stride = tensor.lastDimension
    let scales = tensor.scales.map { tensors[$0].floats + firstColumn }
    forEach { _, first, width in
      let panel = packed + depth * first
      let used = max(min(width, columns - first), 0)
      for row in 0..<depth {
        let (source, target) = (row * stride + firstColumn + first, panel + row * width)
        if let scales {
          for column in 0..<used { target[column] = Float(tensor.bytes[source + column]) * scales[first + column] }
        } else {
          target.copy(from: tensor.floats + source, count: used)
        }
      }
    }
  }
}
