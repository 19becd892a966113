import CKernels

/// Stores `count` rows of finished sums, from `first` on, scaled to bytes or as they are. The sums come through memory, where
/// they stay in the first cache: written into every tile, this code would be most of the library.
@inline(never)
func finishRows(_ job: dnn_integer_gemm_job, _ first: Int, count: Int) {
  let offsets = job.output_offsets + first
  if let output = job.sums {
    for row in 0..<count {
      (output + Int(offsets[row]) >> 2).update(from: job.scratch + row * Int(job.panel), count: Int(job.columns))
    }
    return
  }
  // Column by column of vectors, so that what belongs to a column is loaded once.
  var column = 0
  while column + Lanes.count <= Int(job.columns) {
    let scale = Rescaling(job, column)
    for row in 0..<count {
      let scaled = scale(Lanes(load: job.scratch + row * Int(job.panel) + column))
      dnn_store_bytes(scaled, job.output + Int(offsets[row]) + column, Lanes.count)
    }
    column += Lanes.count
  }
  if column < Int(job.columns) {
    let scale = Rescaling(job, column)
    for row in 0..<count {
      let scaled = scale(Lanes(load: job.scratch + row * Int(job.panel) + column))
      dnn_store_bytes(scaled, job.output + Int(offsets[row]) + column, Int(job.columns) - column)
    }
  }
}

/// From sums to bytes, for one vector of columns.
private struct Rescaling {
  private let multipliers: Register
  private let shift: UInt32
  private let zeroPoint: Register
  private let lower: Register
  private let upper: Register

  @inline(__always) init(_ job: dnn_integer_gemm_job, _ column: Int) {
    multipliers = Lanes(load: job.multipliers + column).register
    shift = job.shift
    zeroPoint = Register(repeating: job.zero_point)
    (lower, upper) = (Register(repeating: job.lower), Register(repeating: job.upper))
  }

  @inline(__always) func callAsFunction(_ sums: Lanes) -> Register {
    let scaled = dnn_rescale(sums.register, multipliers, shift) &+ zeroPoint
    return dnn_minimum_int(dnn_maximum_int(scaled, lower), upper)
  }
}
