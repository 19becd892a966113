import CKernels

/// Maximum over each window of a run of windows; see `dnn_pool_job`.
func maxPool(_ job: dnn_pool_job) {
  pool(job) {
    $0.maximum($1)
  } finish: {
    $0
  }
}

/// Mean over each window: the sum in row-major order times `job.scale`.
func averagePool(_ job: dnn_pool_job) {
  let scale = Lanes(splat: job.scale)
  pool(job) {
    $0.adding($1)
  } finish: {
    $0.multiplied(by: scale)
  }
}

@inline(__always)
private func pool(_ job: dnn_pool_job, _ combine: (Lanes, Lanes) -> Lanes, finish: (Lanes) -> Lanes) {
  let channels = Int(job.channels)
  for window in 0..<Int(job.count) {
    let input = job.input + window * Int(job.input_step)
    let output = job.output + window * Int(job.output_step)
    var channel = 0
    // The window of most networks, without the loops that cost more than its three operations.
    if job.window_height == 2 && job.window_width == 2 {
      let (below, right) = (Int(job.row_stride), Int(job.pixel_stride))
      while channel < channels {
        let place = input + channel
        let upper = combine(Lanes(load: place), Lanes(load: place + right))
        let lower = combine(combine(upper, Lanes(load: place + below)), Lanes(load: place + below + right))
        finish(lower).store(output + channel)
        channel += Lanes.count
      }
    }
    while channel < channels {
      finish(reduce(job, input + channel, combine)).store(output + channel)
      channel += Lanes.count
    }
  }
}

/// One window of one vector of channels, row by row.
@inline(__always)
private func reduce(
  _ job: dnn_pool_job, _ first: UnsafePointer<Float>, _ combine: (Lanes, Lanes) -> Lanes
) -> Lanes {
  let (height, width) = (Int(job.window_height), Int(job.window_width))
  let (rowStride, pixelStride) = (Int(job.row_stride), Int(job.pixel_stride))
  var result = Lanes(load: first)
  for x in 1..<max(width, 1) { result = combine(result, Lanes(load: first + x * pixelStride)) }
  for y in 1..<max(height, 1) {
    for x in 0..<width { result = combine(result, Lanes(load: first + y * rowStride + x * pixelStride)) }
  }
  return result
}
