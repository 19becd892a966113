import CKernels

/// values[i] = bytes[i] * scale + offset; see `dnn_pixels_job`.
func readPixels(_ job: dnn_pixels_job) {
  let count = Int(job.count)
  if count < Lanes.count {
    for index in 0..<count { job.values[index] = Float(job.bytes[index]) * job.scale + job.offset }
    return
  }
  let (scale, offset) = (Lanes(splat: job.scale), Lanes(splat: job.offset))
  var index = 0
  while index < count {
    // The last vector is moved back: it computes some elements twice.
    let place = min(index, count - Lanes.count)
    let bytes = Lanes(dnn_floats_of_bytes(job.bytes + place))
    // Rounded twice, as everywhere, so that all instruction sets see the same picture.
    bytes.multiplied(by: scale).adding(offset).store(job.values + place)
    index += Lanes.count
  }
}
