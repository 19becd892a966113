import CKernels

/// The implicit matrix product of `dnn_gemm_job`: tiles of some rows by one panel of columns, kept in registers over the whole
/// sum. See kernels.h for the contract.
///
/// A tile has as many rows as its accumulators leave registers for the weights and the input: the broadcast of an input then
/// serves a whole row of the tile and a row of weights serves all its rows, so that for the widest AVX-512 tile 10 loads feed
/// 24 multiply-adds, and the arithmetic is the limit, not the two loads a cycle. What is left over after whole tiles goes
/// through smaller ones; single rows come last, because their few accumulators cannot hide the latency of a multiply-add.
func gemm(_ job: dnn_gemm_job) {
  switch Int(job.columns) {
  // One row has too few sums to hide the latency of a multiply-add, and reads weights that lie side by side.
  case 2 * Widest.count: gemmTile(Row<Pair<Widest>>.self, job, 0)
  case Widest.count: gemmPanel(Rows6<Widest>.self, job)
  case Wide.count: gemmPanel(WideRows.self, job)
  default: gemmPanel(Rows12<Narrow>.self, job)
  }
  if job.pool == 0 && needsPass(job.activation) { activateRows(job) }
}

#if KERNELS_AVX512 || arch(arm64)
  private typealias WideRows = Rows8<Wide>
#else
  private typealias WideRows = Rows6<Wide>
#endif

/// Large tiles, unless the rows are pooling windows that these would cut, and then smaller ones for what is left.
@inline(__always)
private func gemmPanel<Large: Tile>(_: Large.Type, _ job: dnn_gemm_job) {
  var row = 0
  if job.pool == 0 || Large.count % 4 == 0 { gemmTiles(Large.self, job, &row) }
  gemmTiles(Rows4<Large.Vector>.self, job, &row)
  gemmTiles(Rows3<Large.Vector>.self, job, &row)
  gemmTiles(Rows2<Large.Vector>.self, job, &row)
  gemmTiles(Row<Large.Vector>.self, job, &row)
}

/// As many tiles as fit into the rows that are left.
@inline(__always)
private func gemmTiles<Rows: Tile>(_: Rows.Type, _ job: dnn_gemm_job, _ row: inout Int) {
  while row + Rows.count <= Int(job.rows) {
    gemmTile(Rows.self, job, row)
    row += Rows.count
  }
}

/// Not inlined: a call costs little beside a tile, and takes less code than tiles that share a function.
@inline(never)
private func gemmTile<Rows: Tile>(_: Rows.Type, _ job: dnn_gemm_job, _ first: Int) {
  var tile = Rows(job, first)
  var weights = job.weights!
  let depth = Int(job.depth)
  let stride = job.weight_stride == 0 ? Rows.Vector.count : Int(job.weight_stride)
  for tap in 0..<Int(job.taps) {
    var index = Int(job.tap_offsets[tap])
    let end = index + depth
    while index < end {
      tile.accumulate(Rows.Vector(load: weights), index)
      weights += stride
      index += 1
    }
  }
  let pooled = Rows.count % 4 == 0 && job.pool != 0
  tile.finish(job, first, Clamp(job.activation, job.activation_parameter), pooled: pooled)
}

private func activateRows(_ job: dnn_gemm_job) {
  for row in 0..<Int(job.rows) {
    activateRun(
      job.output + Int(job.output_offsets[row]), count: Int(job.columns), job.activation,
      job.activation_parameter)
  }
}
