import CKernels

/// Rows of a matrix product that are summed up together, all of them in registers.
///
/// Tiles are put together from single rows by type, so that one description gives every size, fully unrolled.
protocol Tile {
  associatedtype Vector: FloatVector
  /// Rows of the tile.
  static var count: Int { get }
  /// The sums of the rows from `first` on, at their start: the bias.
  init(_ job: dnn_gemm_job, _ first: Int)
  /// Adds the products of a row of weights with the rows' inputs at `index`.
  mutating func accumulate(_ weight: Vector, _ index: Int)
  /// Applies the activation and stores the sums, or where each four rows are a pooling window, the largest of these. Tiles are
  /// `pooled` only where their rows are a multiple of four.
  func finish(_ job: dnn_gemm_job, _ first: Int, _ clamp: Clamp, pooled: Bool)
}

/// One row.
struct Row<Vector: FloatVector>: Tile {
  var sum: Vector
  let input: UnsafePointer<Float>

  @inline(__always) static var count: Int { 1 }

  @inline(__always) init(_ job: dnn_gemm_job, _ first: Int) {
    sum = Vector(load: job.bias)
    input = job.input + Int(job.row_offsets[first])
  }

  @inline(__always) mutating func accumulate(_ weight: Vector, _ index: Int) {
    sum = sum.addingProduct(weight, Vector(splat: input[index]))
  }

  @inline(__always) func finish(_ job: dnn_gemm_job, _ first: Int, _ clamp: Clamp, pooled: Bool) {
    clamp(sum).store(job.output + Int(job.output_offsets[first]))
  }
}

/// The rows of one tile, then those of another.
struct Stack<Upper: Tile, Lower: Tile>: Tile where Upper.Vector == Lower.Vector {
  var upper: Upper
  var lower: Lower

  @inline(__always) static var count: Int { Upper.count + Lower.count }

  @inline(__always) init(_ job: dnn_gemm_job, _ first: Int) {
    upper = Upper(job, first)
    lower = Lower(job, first + Upper.count)
  }

  @inline(__always) mutating func accumulate(_ weight: Upper.Vector, _ index: Int) {
    upper.accumulate(weight, index)
    lower.accumulate(weight, index)
  }

  @inline(__always) func finish(_ job: dnn_gemm_job, _ first: Int, _ clamp: Clamp, pooled: Bool) {
    upper.finish(job, first, clamp, pooled: pooled)
    lower.finish(job, first + Upper.count, clamp, pooled: pooled)
  }
}

/// Four rows, which may be a pooling window.
struct Rows4<Vector: FloatVector>: Tile {
  var rows: Stack<Rows2<Vector>, Rows2<Vector>>

  @inline(__always) static var count: Int { 4 }

  @inline(__always) init(_ job: dnn_gemm_job, _ first: Int) { rows = .init(job, first) }

  @inline(__always) mutating func accumulate(_ weight: Vector, _ index: Int) { rows.accumulate(weight, index) }

  @inline(__always) func finish(_ job: dnn_gemm_job, _ first: Int, _ clamp: Clamp, pooled: Bool) {
    guard pooled else { return rows.finish(job, first, clamp, pooled: false) }
    let upper = rows.upper.upper.sum.maximum(rows.upper.lower.sum)
    let lower = rows.lower.upper.sum.maximum(rows.lower.lower.sum)
    clamp(upper.maximum(lower)).store(job.output + Int(job.output_offsets[first / 4]))
  }
}

typealias Rows2<Vector: FloatVector> = Stack<Row<Vector>, Row<Vector>>
typealias Rows3<Vector: FloatVector> = Stack<Rows2<Vector>, Row<Vector>>
typealias Rows6<Vector: FloatVector> = Stack<Rows4<Vector>, Rows2<Vector>>
typealias Rows8<Vector: FloatVector> = Stack<Rows4<Vector>, Rows4<Vector>>
typealias Rows12<Vector: FloatVector> = Stack<Rows8<Vector>, Rows4<Vector>>
