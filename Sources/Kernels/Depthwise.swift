import CKernels

/// The convolution of `dnn_depthwise_job`: one vector of channels, four pixels at a time.
///
/// There is nothing to reuse but the weights: with four pixels five loads feed four multiply-adds, so that the two loads a
/// cycle are the limit.
func depthwise(_ job: dnn_depthwise_job) {
  var channel = 0
  while channel < Int(job.channels) {
    var pixel = 0
    while pixel + 4 <= Int(job.count) {
      depthwiseFour(job, channel, pixel)
      pixel += 4
    }
    while pixel < Int(job.count) {
      depthwiseOne(job, channel, pixel)
      pixel += 1
    }
    channel += Lanes.count
  }
  guard needsPass(job.activation) else { return }
  for pixel in 0..<Int(job.count) {
    activateRun(
      job.output + pixel * Int(job.output_step), count: Int(job.channels), job.activation, job.activation_parameter)
  }
}

@inline(__always)
private func depthwiseFour(_ job: dnn_depthwise_job, _ channel: Int, _ first: Int) {
  let (step, channels) = (Int(job.input_step), Int(job.channels))
  let input = job.input + first * step + channel
  var sum0 = Lanes(load: job.bias + channel)
  var (sum1, sum2, sum3) = (sum0, sum0, sum0)
  for tap in 0..<Int(job.taps) {
    let weight = Lanes(load: job.weights + tap * channels + channel)
    let place = input + Int(job.tap_offsets[tap])
    sum0 = sum0.addingProduct(Lanes(load: place), weight)
    sum1 = sum1.addingProduct(Lanes(load: place + step), weight)
    sum2 = sum2.addingProduct(Lanes(load: place + 2 * step), weight)
    sum3 = sum3.addingProduct(Lanes(load: place + 3 * step), weight)
  }
  let clamp = Clamp(job.activation, job.activation_parameter)
  let output = job.output + first * Int(job.output_step) + channel
  clamp(sum0).store(output)
  clamp(sum1).store(output + Int(job.output_step))
  clamp(sum2).store(output + 2 * Int(job.output_step))
  clamp(sum3).store(output + 3 * Int(job.output_step))
}

@inline(__always)
private func depthwiseOne(_ job: dnn_depthwise_job, _ channel: Int, _ pixel: Int) {
  let input = job.input + pixel * Int(job.input_step) + channel
  var sum = Lanes(load: job.bias + channel)
  for tap in 0..<Int(job.taps) {
    sum = sum.addingProduct(
      Lanes(load: input + Int(job.tap_offsets[tap])), Lanes(load: job.weights + tap * Int(job.channels) + channel))
  }
  let clamp = Clamp(job.activation, job.activation_parameter)
  clamp(sum).store(job.output + pixel * Int(job.output_step) + channel)
}
