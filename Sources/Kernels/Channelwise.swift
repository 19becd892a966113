import CKernels

/// Convolution of each channel by itself; see `dnn_channelwise_job`. One vector of channels of one pixel at a time: neighbours
/// do not depend on each other, so the processor overlaps them.
func channelwise(_ job: dnn_channelwise_job) {
  let (taps, channels, weightStride) = (Int(job.taps), Int(job.channels), Int(job.weight_stride))
  for row in 0..<Int(job.rows) {
    let input = job.input + Int(job.row_offsets[row])
    let output = job.output + Int(job.output_offsets[row])
    var channel = 0
    while channel < channels {
      var sum = Lanes(load: job.bias.map { $0 + channel } ?? UnsafePointer(output + channel))
      for tap in 0..<taps {
        sum = sum.addingProduct(
          Lanes(load: input + Int(job.tap_offsets[tap]) + channel),
          Lanes(load: job.weights + tap * weightStride + channel))
      }
      sum.store(output + channel)
      channel += Lanes.count
    }
  }
}

/// The gradient of its weights; see `dnn_depthwise_gradient_job`. A row of taps at a time shares the loads of `right` and has
/// sums enough to hide the latency of a multiply-add.
func depthwiseGradient(_ job: dnn_depthwise_gradient_job) {
  var channel = 0
  while channel < Int(job.channels) {
    var tap = 0
    while tap + 3 <= Int(job.taps) {
      gradientOfThree(job, tap, channel)
      tap += 3
    }
    while tap < Int(job.taps) {
      gradientOfOne(job, tap, channel)
      tap += 1
    }
    channel += Lanes.count
  }
}

@inline(__always)
private func place(_ job: dnn_depthwise_gradient_job, _ tap: Int, _ channel: Int) -> UnsafeMutablePointer<Float> {
  job.product + tap * Int(job.product_stride) + channel
}

@inline(__always)
private func start(_ job: dnn_depthwise_gradient_job, _ tap: Int, _ channel: Int) -> Lanes {
  job.accumulate == 0 ? .zero : Lanes(load: place(job, tap, channel))
}

@inline(__always)
private func gradientOfThree(_ job: dnn_depthwise_gradient_job, _ tap: Int, _ channel: Int) {
  var sum0 = start(job, tap, channel)
  var sum1 = start(job, tap + 1, channel)
  var sum2 = start(job, tap + 2, channel)
  let (offset0, offset1, offset2) = (
    Int(job.tap_offsets[tap]), Int(job.tap_offsets[tap + 1]), Int(job.tap_offsets[tap + 2])
  )
  for step in 0..<Int(job.steps) {
    let left = job.left + Int(job.left_offsets[step]) + channel
    let right = Lanes(load: job.right + Int(job.right_offsets[step]) + channel)
    sum0 = sum0.addingProduct(right, Lanes(load: left + offset0))
    sum1 = sum1.addingProduct(right, Lanes(load: left + offset1))
    sum2 = sum2.addingProduct(right, Lanes(load: left + offset2))
  }
  sum0.store(place(job, tap, channel))
  sum1.store(place(job, tap + 1, channel))
  sum2.store(place(job, tap + 2, channel))
}

@inline(__always)
private func gradientOfOne(_ job: dnn_depthwise_gradient_job, _ tap: Int, _ channel: Int) {
  var sum = start(job, tap, channel)
  for step in 0..<Int(job.steps) {
    let left = job.left + Int(job.left_offsets[step]) + Int(job.tap_offsets[tap]) + channel
    sum = sum.addingProduct(Lanes(load: job.right + Int(job.right_offsets[step]) + channel), Lanes(load: left))
  }
  sum.store(place(job, tap, channel))
}
