import CKernels

/// Takes the gradient of each window's maximum to where the maximum was first; see `dnn_pool_gradient_job`.
func maxPoolGradient(_ job: dnn_pool_gradient_job) {
  if job.accumulate == 0 {
    spread(job) { _, part in part }
  } else {
    spread(job) { place, part in Lanes(load: place).adding(part) }
  }
}

/// `combine` takes a place of the target and what goes there.
@inline(__always)
private func spread(_ job: dnn_pool_gradient_job, _ combine: (UnsafePointer<Float>, Lanes) -> Lanes) {
  for window in 0..<Int(job.count) {
    let input = job.input + window * Int(job.input_step)
    let target = job.input_gradient + window * Int(job.input_gradient_step)
    var channel = 0
    while channel < Int(job.channels) {
      let largest = Lanes(load: job.output + window * Int(job.output_step) + channel).register
      var rest = Lanes(load: job.gradient + window * Int(job.gradient_step) + channel).register
      for y in 0..<Int(job.window_height) {
        for x in 0..<Int(job.window_width) {
          let value = Lanes(load: input + y * Int(job.row_stride) + x * Int(job.pixel_stride) + channel)
          let isMaximum = value.register .== largest
          let place =
            target + y * Int(job.input_gradient_row_stride) + x * Int(job.input_gradient_pixel_stride) + channel
          combine(place, Lanes(Register.zero.replacing(with: rest, where: isMaximum))).store(place)
          rest.replace(with: Register.zero, where: isMaximum)
        }
      }
      channel += Lanes.count
    }
  }
}
