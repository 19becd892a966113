import CKernels

/// The sum of outer products of `dnn_outer_job`: six rows by one panel of columns at a time, kept in registers over all
/// steps.
func outer(_ job: dnn_outer_job) {
  switch Int(job.columns) {
  case Widest.count: outerPanel(Widest.self, job)
  case Wide.count: outerPanel(Wide.self, job)
  default: outerPanel(Narrow.self, job)
  }
}

private let tileRows = 6

@inline(__always)
private func outerPanel<Row: FloatVector>(_: Row.Type, _ job: dnn_outer_job) {
  let rows = Int(job.rows)
  var row = 0
  while row + tileRows <= rows {
    outerTile(Row.self, job, row)
    row += tileRows
  }
  // A last tile moved back, as in the matrix product, would add to some rows twice.
  while row < rows {
    outerRow(Row.self, job, row)
    row += 1
  }
}

@inline(__always)
private func start<Row: FloatVector>(_ job: dnn_outer_job, _ row: Int) -> Row {
  job.accumulate == 0 ? .zero : Row(load: job.product + row * Int(job.product_stride))
}

@inline(__always)
private func outerTile<Row: FloatVector>(_: Row.Type, _ job: dnn_outer_job, _ first: Int) {
  var sum0: Row = start(job, first)
  var sum1: Row = start(job, first + 1)
  var sum2: Row = start(job, first + 2)
  var sum3: Row = start(job, first + 3)
  var sum4: Row = start(job, first + 4)
  var sum5: Row = start(job, first + 5)
  for step in 0..<Int(job.steps) {
    let left = job.left + Int(job.left_offsets[step]) + first
    let right = Row(load: job.right + Int(job.right_offsets[step]))
    sum0 = sum0.addingProduct(right, Row(splat: left[0]))
    sum1 = sum1.addingProduct(right, Row(splat: left[1]))
    sum2 = sum2.addingProduct(right, Row(splat: left[2]))
    sum3 = sum3.addingProduct(right, Row(splat: left[3]))
    sum4 = sum4.addingProduct(right, Row(splat: left[4]))
    sum5 = sum5.addingProduct(right, Row(splat: left[5]))
  }
  let stride = Int(job.product_stride)
  let product = job.product + first * stride
  sum0.store(product)
  sum1.store(product + stride)
  sum2.store(product + 2 * stride)
  sum3.store(product + 3 * stride)
  sum4.store(product + 4 * stride)
  sum5.store(product + 5 * stride)
}

@inline(__always)
private func outerRow<Row: FloatVector>(_: Row.Type, _ job: dnn_outer_job, _ row: Int) {
  var sum: Row = start(job, row)
  for step in 0..<Int(job.steps) {
    let left = job.left[Int(job.left_offsets[step]) + row]
    sum = sum.addingProduct(Row(load: job.right + Int(job.right_offsets[step])), Row(splat: left))
  }
  sum.store(job.product + row * Int(job.product_stride))
}
