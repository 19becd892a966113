/// A small matrix in double precision.
struct Matrix {
  let rows, columns: Int
  private var elements: [Double]

  init(_ lines: [[Double]]) {
    self.init(lines.count, lines[0].count) { lines[$0][$1] }
  }

  init(_ rows: Int, _ columns: Int, _ element: (Int, Int) -> Double) {
    (self.rows, self.columns) = (rows, columns)
    elements = []
    elements.reserveCapacity(rows * columns)
    for row in 0..<rows {
      for column in 0..<columns { elements.append(element(row, column)) }
    }
  }

  subscript(row: Int, column: Int) -> Double { elements[row * columns + column] }

  var transposed: Matrix { Matrix(columns, rows) { self[$1, $0] } }

  /// The absolute value of each element.
  var magnitudes: Matrix { Matrix(rows, columns) { abs(self[$0, $1]) } }

  static func * (a: Matrix, b: Matrix) -> Matrix {
    Matrix(a.rows, b.columns) { row, column in
      (0..<a.columns).reduce(0) { $0 + a[row, $1] * b[$1, column] }
    }
  }

  static func + (a: Matrix, b: Matrix) -> Matrix { Matrix(a.rows, a.columns) { a[$0, $1] + b[$0, $1] } }

  /// The product of each two elements.
  func elementwiseProduct(_ b: Matrix) -> Matrix { Matrix(rows, columns) { self[$0, $1] * b[$0, $1] } }

  /// m self m^T, what a transform in two dimensions does.
  func transformed(by m: Matrix) -> Matrix { m * self * m.transposed }
}
