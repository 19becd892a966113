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
  /// Applies the activation and stores the sums.
  func finish(_ job: dnn_gemm_job, _ first: Int, _ clamp: Clamp)
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

  @inline(__always) func finish(_ job: dnn_gemm_job, _ first: Int, _ clamp: Clamp) {
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

  @inline(__always) func finish(_ job: dnn_gemm_job, _ first: Int, _ clamp: Clamp) {
    upper.finish(job, first, clamp)
    lower.finish(job, first + Upper.count, clamp)
  }
}

/// The four rows of a pooling window, of which the largest sums are stored.
struct PooledWindow<Vector: FloatVector>: Tile {
  var rows: Rows4<Vector>

  @inline(__always) static var count: Int { 4 }

  @inline(__always) init(_ job: dnn_gemm_job, _ first: Int) { rows = Rows4(job, first) }

  @inline(__always) mutating func accumulate(_ weight: Vector, _ index: Int) { rows.accumulate(weight, index) }

  @inline(__always) func finish(_ job: dnn_gemm_job, _ first: Int, _ clamp: Clamp) {
    let upper = rows.upper.upper.sum.maximum(rows.upper.lower.sum)
    let lower = rows.lower.upper.sum.maximum(rows.lower.lower.sum)
    clamp(upper.maximum(lower)).store(job.output + Int(job.output_offsets[first / 4]))
  }
}

typealias Rows2<Vector: FloatVector> = Stack<Row<Vector>, Row<Vector>>
typealias Rows3<Vector: FloatVector> = Stack<Rows2<Vector>, Row<Vector>>
typealias Rows4<Vector: FloatVector> = Stack<Rows2<Vector>, Rows2<Vector>>
typealias Rows6<Vector: FloatVector> = Stack<Rows3<Vector>, Rows3<Vector>>
typealias Rows9<Vector: FloatVector> = Stack<Rows6<Vector>, Rows3<Vector>>
typealias Rows12<Vector: FloatVector> = Stack<Rows6<Vector>, Rows6<Vector>>

typealias TwoWindows<Vector: FloatVector> = Stack<PooledWindow<Vector>, PooledWindow<Vector>>
typealias ThreeWindows<Vector: FloatVector> = Stack<TwoWindows<Vector>, PooledWindow<Vector>>
