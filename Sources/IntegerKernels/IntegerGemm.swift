import CKernels

/// The implicit matrix product of `dnn_integer_gemm_job`. See `gemm` of the kernels of floats for how tiles are chosen: with
/// 32 registers (AVX-512, arm64) 24 of them hold sums; with 16 they hold 12, or 8 where weights and input take twice as many.
func integerGemm(_ job: dnn_integer_gemm_job) {
  var row = 0
  switch Int(job.panel) {
  case Widest.count: gemmPanel(WidestRows.self, job, &row)
  case Wide.count: gemmPanel(WideRows.self, job, &row)
  default: gemmPanel(NarrowRows.self, job, &row)
  }
}

#if INTEGER_KERNELS_AVX512 || arch(arm64)
  private typealias WidestRows = Rows6<Widest>
  private typealias WideRows = Rows12<Wide>
  private typealias NarrowRows = Rows12<Narrow>
#elseif INTEGER_KERNELS_VNNI
  private typealias WidestRows = Rows6<Widest>
  private typealias WideRows = Rows6<Wide>
  private typealias NarrowRows = Rows12<Narrow>
#else
  private typealias WidestRows = Rows4<Widest>
  private typealias WideRows = Rows4<Wide>
  private typealias NarrowRows = Rows6<Narrow>
#endif

/// Large tiles, unless the rows are pooling windows that these would cut, and then smaller ones for what is left.
@inline(__always)
private func gemmPanel<Large: Tile>(_: Large.Type, _ job: dnn_integer_gemm_job, _ row: inout Int) {
  if job.pool == 0 || Large.count % 4 == 0 { gemmTiles(Large.self, job, &row) }
  gemmTiles(Rows4<Large.Vector>.self, job, &row)
  gemmTiles(Rows2<Large.Vector>.self, job, &row)
  gemmTiles(Row<Large.Vector>.self, job, &row)
}

/// As many tiles as fit into the rows that are left.
@inline(__always)
private func gemmTiles<Rows: Tile>(_: Rows.Type, _ job: dnn_integer_gemm_job, _ row: inout Int) {
  while row + Rows.count <= Int(job.rows) {
    gemmTile(Rows.self, job, row)
    row += Rows.count
  }
}

/// Not inlined: a call costs little beside a tile, and takes less code than tiles that share a function.
@inline(never)
private func gemmTile<Rows: Tile>(_: Rows.Type, _ job: dnn_integer_gemm_job, _ first: Int) {
  var tile = Rows(job, first)
  var weights = job.weights!
  for tap in 0..<Int(job.taps) {
    var index = Int(job.tap_offsets[tap])
    let end = index + Int(job.depth)
    while index < end {
      tile.accumulate(Rows.Vector.loadWeights(weights), index)
      weights += Rows.Vector.count * quadSize
      index += 4
    }
  }
  let pooled = Rows.count % 4 == 0 && job.pool != 0
  tile.finish(job.scratch, pooled: pooled)
  finishRows(job, pooled ? first / 4 : first, count: pooled ? Rows.count / 4 : Rows.count)
}
