import CKernels

/// The implicit matrix product of `dnn_integer_gemm_job`. See `gemm` of the kernels of floats for how tiles are chosen: with
/// 32 registers (AVX-512, arm64) 24 of them hold sums; with 16 they hold 12, or 8 where weights and input take twice as many.
func integerGemm(_ job: dnn_integer_gemm_job) {
  if job.pool != 0 { return pooledGemm(job) }
  var row = 0
  switch Int(job.panel) {
  case Widest.count: gemmTiles(WidestRows.self, job, &row)
  case Wide.count: gemmTiles(WideRows.self, job, &row)
  default: gemmTiles(NarrowRows.self, job, &row)
  }
  switch Int(job.panel) {
  case Widest.count: rest(Widest.self, job, &row)
  case Wide.count: rest(Wide.self, job, &row)
  default: rest(Narrow.self, job, &row)
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

/// What is left after the large tiles.
@inline(__always)
private func rest<Vector: IntegerVector>(_: Vector.Type, _ job: dnn_integer_gemm_job, _ row: inout Int) {
  gemmTiles(Rows4<Vector>.self, job, &row)
  gemmTiles(Rows2<Vector>.self, job, &row)
  gemmTiles(Row<Vector>.self, job, &row)
}

/// The same, each four rows a pooling window: tiles of whole windows.
private func pooledGemm(_ job: dnn_integer_gemm_job) {
  var row = 0
  switch Int(job.panel) {
  case Widest.count:
    gemmTiles(PooledWindow<Widest>.self, job, &row)
  case Wide.count:
    #if INTEGER_KERNELS_AVX512 || arch(arm64)
      gemmTiles(ThreeWindows<Wide>.self, job, &row)
    #endif
    gemmTiles(PooledWindow<Wide>.self, job, &row)
  default:
    #if INTEGER_KERNELS_VNNI || arch(arm64)
      gemmTiles(ThreeWindows<Narrow>.self, job, &row)
    #endif
    gemmTiles(PooledWindow<Narrow>.self, job, &row)
  }
}

/// As many tiles as fit into the rows that are left.
@inline(__always)
private func gemmTiles<Rows: Tile>(_: Rows.Type, _ job: dnn_integer_gemm_job, _ row: inout Int) {
  while row + Rows.count <= Int(job.rows) {
    gemmTile(Rows.self, job, row)
    row += Rows.count
  }
}

@inline(__always)
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
  tile.finish(job.scratch)
  finishRows(job, first * Rows.resultCount / Rows.count, count: Rows.resultCount)
}
