import CKernels

/// The implicit matrix product of `dnn_gemm_job`: tiles of six rows by one panel of columns, kept in registers over the whole
/// sum. See kernels.h for the contract.
///
/// Six rows because the broadcast of an input then serves a whole row of the tile and a row of weights serves six
/// multiply-adds per register: for the widest AVX-512 tile 10 loads feed 24 multiply-adds, so the arithmetic is the limit
/// and not the two loads a cycle.
func gemm(_ job: dnn_gemm_job) {
  switch Int(job.columns) {
  case Widest.count: gemmPanel(Widest.self, job)
  case Wide.count: gemmPanel(Wide.self, job)
  default: gemmPanel(Narrow.self, job)
  }
  if isTranscendental(job.activation) { activateRows(job) }
}

private let tileRows = 6

@inline(__always)
private func gemmPanel<Row: FloatVector>(_: Row.Type, _ job: dnn_gemm_job) {
  let rows = Int(job.rows)
  if rows < tileRows {
    for row in 0..<rows { gemmRow(Row.self, job, row) }
    return
  }
  var row = 0
  while row < rows {
    // The last tile moves back to end at the last row. It computes some rows again, to the same bytes.
    gemmTile(Row.self, job, min(row, rows - tileRows))
    row += tileRows
  }
}

@inline(__always)
private func gemmTile<Row: FloatVector>(_: Row.Type, _ job: dnn_gemm_job, _ first: Int) {
  let offsets = job.row_offsets! + first
  let row0 = job.input + Int(offsets[0])
  let row1 = job.input + Int(offsets[1])
  let row2 = job.input + Int(offsets[2])
  let row3 = job.input + Int(offsets[3])
  let row4 = job.input + Int(offsets[4])
  let row5 = job.input + Int(offsets[5])
  let bias = Row(load: job.bias)
  var sum0 = bias
  var sum1 = bias
  var sum2 = bias
  var sum3 = bias
  var sum4 = bias
  var sum5 = bias
  var weights = job.weights!
  let depth = Int(job.depth)
  for tap in 0..<Int(job.taps) {
    var index = Int(job.tap_offsets[tap])
    let end = index + depth
    while index < end {
      let weight = Row(load: weights)
      sum0 = sum0.addingProduct(weight, Row(splat: row0[index]))
      sum1 = sum1.addingProduct(weight, Row(splat: row1[index]))
      sum2 = sum2.addingProduct(weight, Row(splat: row2[index]))
      sum3 = sum3.addingProduct(weight, Row(splat: row3[index]))
      sum4 = sum4.addingProduct(weight, Row(splat: row4[index]))
      sum5 = sum5.addingProduct(weight, Row(splat: row5[index]))
      weights += Row.count
      index += 1
    }
  }
  let (kind, parameter) = (job.activation, job.activation_parameter)
  let outputs = job.output_offsets! + first
  activate(sum0, kind, parameter).store(job.output + Int(outputs[0]))
  activate(sum1, kind, parameter).store(job.output + Int(outputs[1]))
  activate(sum2, kind, parameter).store(job.output + Int(outputs[2]))
  activate(sum3, kind, parameter).store(job.output + Int(outputs[3]))
  activate(sum4, kind, parameter).store(job.output + Int(outputs[4]))
  activate(sum5, kind, parameter).store(job.output + Int(outputs[5]))
}

/// One row: for the few rows of a small batch, where a tile would be mostly empty.
@inline(__always)
private func gemmRow<Row: FloatVector>(_: Row.Type, _ job: dnn_gemm_job, _ row: Int) {
  let input = job.input + Int(job.row_offsets[row])
  var sum = Row(load: job.bias)
  var weights = job.weights!
  let depth = Int(job.depth)
  for tap in 0..<Int(job.taps) {
    var index = Int(job.tap_offsets[tap])
    let end = index + depth
    while index < end {
      sum = sum.addingProduct(Row(load: weights), Row(splat: input[index]))
      weights += Row.count
      index += 1
    }
  }
  activate(sum, job.activation, job.activation_parameter).store(job.output + Int(job.output_offsets[row]))
}

private func activateRows(_ job: dnn_gemm_job) {
  for row in 0..<Int(job.rows) {
    let output = job.output + Int(job.output_offsets[row])
    var column = 0
    while column < Int(job.columns) {
      activateTranscendental(Lanes(load: output + column), job.activation).store(output + column)
      column += Lanes.count
    }
  }
}
