import CKernels

/// One window of `dnn_integer_pool_job`, some channels at a time.
func integerPool(_ job: dnn_integer_pool_job) {
  var channel = 0
  while channel < Int(job.channels) {
    let count = Int(job.channels) - channel
    if let largest = job.largest {
      let values = reduce(job, channel, count) { dnn_maximum_int($0, $1) }
      dnn_store_bytes(values, largest + channel, count)
    } else {
      let values = reduce(job, channel, count) { $0 &+ $1 }
      for lane in 0..<min(count, Lanes.count) { job.sums[channel + lane] = values[lane] }
    }
    channel += Lanes.count
  }
}

/// Zero is the neutral element of both, because no value is negative.
@inline(__always)
private func reduce(
  _ job: dnn_integer_pool_job, _ channel: Int, _ count: Int, _ combine: (Register, Register) -> Register
) -> Register {
  var result = Register.zero
  for y in 0..<Int(job.window_height) {
    for x in 0..<Int(job.window_width) {
      let place = job.input + y * Int(job.row_stride) + x * Int(job.pixel_stride) + channel
      result = combine(result, dnn_load_bytes(place, count))
    }
  }
  return result
}
