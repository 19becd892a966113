import CKernels

/// Rows of a matrix product that are summed up together, all of them in registers; built from single rows by type, as the
/// tiles of floats are.
protocol Tile {
  associatedtype Vector: IntegerVector
  /// Rows of the tile.
  static var count: Int { get }
  /// The sums of the rows from `first` on, at their start: the bias.
  init(_ job: dnn_integer_gemm_job, _ first: Int)
  /// Adds the products of a quad of weights with the rows' inputs at `index`.
  mutating func accumulate(_ weights: Vector.Weights, _ index: Int)
  /// Stores the sums, one row after another. Where each four rows are a pooling window, the largest of these instead: scaling
  /// keeps their order, so it comes after. Tiles are `pooled` only where their rows are a multiple of four.
  func finish(_ sums: UnsafeMutablePointer<Int32>, pooled: Bool)
}

/// One row.
struct Row<Vector: IntegerVector>: Tile {
  var sum: Vector
  let input: UnsafePointer<UInt8>

  @inline(__always) static var count: Int { 1 }

  @inline(__always) init(_ job: dnn_integer_gemm_job, _ first: Int) {
    sum = Vector(load: job.bias)
    input = job.input + Int(job.row_offsets[first])
  }

  @inline(__always) mutating func accumulate(_ weights: Vector.Weights, _ index: Int) {
    sum = sum.adding(Quad(load: input + index), weights)
  }

  @inline(__always) func finish(_ sums: UnsafeMutablePointer<Int32>, pooled: Bool) { sum.store(sums) }
}

/// The rows of one tile, then those of another.
struct Stack<Upper: Tile, Lower: Tile>: Tile where Upper.Vector == Lower.Vector {
  typealias Vector = Upper.Vector
  var upper: Upper
  var lower: Lower

  @inline(__always) static var count: Int { Upper.count + Lower.count }

  @inline(__always) init(_ job: dnn_integer_gemm_job, _ first: Int) {
    upper = Upper(job, first)
    lower = Lower(job, first + Upper.count)
  }

  @inline(__always) mutating func accumulate(_ weights: Upper.Vector.Weights, _ index: Int) {
    upper.accumulate(weights, index)
    lower.accumulate(weights, index)
  }

  @inline(__always) func finish(_ sums: UnsafeMutablePointer<Int32>, pooled: Bool) {
    upper.finish(sums, pooled: pooled)
    lower.finish(sums + (pooled ? Upper.count / 4 : Upper.count) * Vector.count, pooled: pooled)
  }
}

/// Four rows, which may be a pooling window.
struct Rows4<Vector: IntegerVector>: Tile {
  var rows: Stack<Rows2<Vector>, Rows2<Vector>>

  @inline(__always) static var count: Int { 4 }

  @inline(__always) init(_ job: dnn_integer_gemm_job, _ first: Int) { rows = .init(job, first) }

  @inline(__always) mutating func accumulate(_ weights: Vector.Weights, _ index: Int) {
    rows.accumulate(weights, index)
  }

  @inline(__always) func finish(_ sums: UnsafeMutablePointer<Int32>, pooled: Bool) {
    guard pooled else { return rows.finish(sums, pooled: false) }
    let upper = rows.upper.upper.sum.maximum(rows.upper.lower.sum)
    let lower = rows.lower.upper.sum.maximum(rows.lower.lower.sum)
    upper.maximum(lower).store(sums)
  }
}

typealias Rows2<Vector: IntegerVector> = Stack<Row<Vector>, Row<Vector>>
typealias Rows6<Vector: IntegerVector> = Stack<Rows4<Vector>, Rows2<Vector>>
typealias Rows12<Vector: IntegerVector> = Stack<Stack<Rows4<Vector>, Rows4<Vector>>, Rows4<Vector>>
