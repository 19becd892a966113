import CKernels

/// Stores `count` rows of finished sums, from `first` on, scaled to bytes or as they are. The sums come through memory, where
/// they stay in the first cache: written into every tile, this code would be most of the library.
@inline(never)
func finishRows(_ job: dnn_integer_gemm_job, _ first: Int, count: Int) {
  for row in 0..<count {
    let sums = job.scratch + row * Int(job.panel)
    let offset = Int(job.output_offsets[first + row])
    if let output = job.sums {
      (output + offset >> 2).update(from: sums, count: Int(job.columns))
    } else {
      rescale(job, sums, to: job.output + offset)
    }
  }
}

@inline(__always)
private func rescale(_ job: dnn_integer_gemm_job, _ sums: UnsafePointer<Int32>, to output: UnsafeMutablePointer<UInt8>)
{
  let zeroPoint = Register(repeating: job.zero_point)
  let (lower, upper) = (Register(repeating: job.lower), Register(repeating: job.upper))
  var column = 0
  while column < Int(job.columns) {
    let sum = Lanes(load: sums + column).register
    let scaled = dnn_rescale(sum, Lanes(load: job.multipliers + column).register, job.shift) &+ zeroPoint
    let bounded = dnn_minimum_int(dnn_maximum_int(scaled, lower), upper)
    dnn_store_bytes(bounded, output + column, Int(job.columns) - column)
    column += Lanes.count
  }
}
