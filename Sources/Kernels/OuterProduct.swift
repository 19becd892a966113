import CKernels

/// The sum of outer products of `dnn_outer_job`: six rows by one panel of columns at a time, kept in registers over all
/// steps. What is left over after whole tiles goes through smaller ones.
func outer(_ job: dnn_outer_job) {
  switch Int(job.columns) {
  case Widest.count: outerPanel(Widest.self, job)
  case Wide.count: outerPanel(Wide.self, job)
  default: outerPanel(Narrow.self, job)
  }
}

@inline(__always)
private func outerPanel<Vector: FloatVector>(_: Vector.Type, _ job: dnn_outer_job) {
  var row = 0
  outerTiles(OuterRows6<Vector>.self, job, &row)
  outerTiles(OuterRows3<Vector>.self, job, &row)
  outerTiles(OuterRows2<Vector>.self, job, &row)
  outerTiles(OuterRow<Vector>.self, job, &row)
}

/// As many tiles as fit into the rows that are left.
@inline(__always)
private func outerTiles<Rows: OuterTile>(_: Rows.Type, _ job: dnn_outer_job, _ row: inout Int) {
  while row + Rows.count <= Int(job.rows) {
    var tile = Rows(job, row)
    for step in 0..<Int(job.steps) {
      tile.accumulate(
        Rows.Vector(load: job.right + Int(job.right_offsets[step])), job.left + Int(job.left_offsets[step]) + row)
    }
    tile.store(job, row)
    row += Rows.count
  }
}

/// Rows that are summed up together; see `Tile`.
private protocol OuterTile {
  associatedtype Vector: FloatVector
  static var count: Int { get }
  /// The sums of the rows from `row` on, at their start.
  init(_ job: dnn_outer_job, _ row: Int)
  /// Adds the products of one step's right vector with the left numbers of the rows.
  mutating func accumulate(_ right: Vector, _ left: UnsafePointer<Float>)
  func store(_ job: dnn_outer_job, _ row: Int)
}

private struct OuterRow<Vector: FloatVector>: OuterTile {
  var sum: Vector

  @inline(__always) static var count: Int { 1 }

  @inline(__always) init(_ job: dnn_outer_job, _ row: Int) {
    sum = job.accumulate == 0 ? .zero : Vector(load: job.product + row * Int(job.product_stride))
  }

  @inline(__always) mutating func accumulate(_ right: Vector, _ left: UnsafePointer<Float>) {
    sum = sum.addingProduct(right, Vector(splat: left[0]))
  }

  @inline(__always) func store(_ job: dnn_outer_job, _ row: Int) {
    sum.store(job.product + row * Int(job.product_stride))
  }
}

private struct OuterStack<Upper: OuterTile, Lower: OuterTile>: OuterTile where Upper.Vector == Lower.Vector {
  var upper: Upper
  var lower: Lower

  @inline(__always) static var count: Int { Upper.count + Lower.count }

  @inline(__always) init(_ job: dnn_outer_job, _ row: Int) {
    upper = Upper(job, row)
    lower = Lower(job, row + Upper.count)
  }

  @inline(__always) mutating func accumulate(_ right: Upper.Vector, _ left: UnsafePointer<Float>) {
    upper.accumulate(right, left)
    lower.accumulate(right, left + Upper.count)
  }

  @inline(__always) func store(_ job: dnn_outer_job, _ row: Int) {
    upper.store(job, row)
    lower.store(job, row + Upper.count)
  }
}

private typealias OuterRows2<Vector: FloatVector> = OuterStack<OuterRow<Vector>, OuterRow<Vector>>
private typealias OuterRows3<Vector: FloatVector> = OuterStack<OuterRows2<Vector>, OuterRow<Vector>>
private typealias OuterRows6<Vector: FloatVector> = OuterStack<OuterRows3<Vector>, OuterRows3<Vector>>
