import CKernels

/// The sum of each channel; see `dnn_channel_sums_job`.
func channelSums(_ job: dnn_channel_sums_job) {
  addUp(job, centre: { _ in .zero }) { sum, input, _ in sum.adding(input) }
}

/// The sum of squared distances from each channel's centre.
func channelSquares(_ job: dnn_channel_sums_job) {
  addUp(job, centre: { Lanes(load: job.centre + $0) }) { sum, distance, _ in sum.addingProduct(distance, distance) }
}

/// The sum of distances from each channel's centre times the weights.
func channelProducts(_ job: dnn_channel_sums_job) {
  addUp(job, centre: { Lanes(load: job.centre + $0) }) { sum, distance, weight in
    sum.addingProduct(distance, Lanes(load: weight))
  }
}

/// - Parameters:
///   - job: what is added up.
///   - centre: takes a channel.
///   - add: takes a sum, an input less the centre, and where the pixel's weight stands.
@inline(__always)
private func addUp(
  _ job: dnn_channel_sums_job, centre: (Int) -> Lanes, _ add: (Lanes, Lanes, UnsafePointer<Float>) -> Lanes
) {
  let (step, weightStep) = (Int(job.input.pixel_stride), Int(job.weight.pixel_stride))
  // Where there are no weights any address will do: nobody reads it.
  let weights = job.weight.pixels ?? job.input.pixels!
  forEachRun(job.size) { row, channel in
    var input = UnsafePointer(job.input.pixels + row * Int(job.input.row_stride) + channel)
    var weight = UnsafePointer(weights + row * Int(job.weight.row_stride) + channel)
    let centre = centre(channel)
    var sum0 = Lanes.zero
    var (sum1, sum2, sum3) = (sum0, sum0, sum0)
    var column = 0
    while column + 4 <= Int(job.size.columns) {
      sum0 = add(sum0, Lanes(load: input).subtracting(centre), weight)
      sum1 = add(sum1, Lanes(load: input + step).subtracting(centre), weight + weightStep)
      sum2 = add(sum2, Lanes(load: input + 2 * step).subtracting(centre), weight + 2 * weightStep)
      sum3 = add(sum3, Lanes(load: input + 3 * step).subtracting(centre), weight + 3 * weightStep)
      input += 4 * step
      weight += 4 * weightStep
      column += 4
    }
    while column < Int(job.size.columns) {
      sum0 = add(sum0, Lanes(load: input).subtracting(centre), weight)
      input += step
      weight += weightStep
      column += 1
    }
    let place = job.sums + channel
    Lanes(load: place).adding(sum0.adding(sum1).adding(sum2.adding(sum3))).store(place)
  }
}

/// See `dnn_normalise_job`.
func normalise(_ job: dnn_normalise_job) {
  let clamp = Clamp(job.activation, job.activation_parameter)
  let (step, outputStep) = (Int(job.input.pixel_stride), Int(job.output.pixel_stride))
  forEachRun(job.size) { row, channel in
    let (centre, factor) = (Lanes(load: job.centre + channel), Lanes(load: job.factor + channel))
    let offset = Lanes(load: job.offset + channel)
    let input = job.input.pixels + row * Int(job.input.row_stride) + channel
    let output = job.output.pixels + row * Int(job.output.row_stride) + channel
    for column in 0..<Int(job.size.columns) {
      let distance = Lanes(load: input + column * step).subtracting(centre)
      clamp(offset.addingProduct(distance, factor)).store(output + column * outputStep)
    }
  }
  if needsPass(job.activation) { activateImage(job) }
}

private func activateImage(_ job: dnn_normalise_job) {
  for row in 0..<Int(job.size.rows) {
    for column in 0..<Int(job.size.columns) {
      activateRun(
        job.output.pixels + row * Int(job.output.row_stride) + column * Int(job.output.pixel_stride),
        count: Int(job.size.channels), job.activation, job.activation_parameter)
    }
  }
}

/// See `dnn_normalise_gradient_job`.
func normaliseGradient(_ job: dnn_normalise_gradient_job) {
  let (step, gradientStep) = (Int(job.input.pixel_stride), Int(job.gradient.pixel_stride))
  let outputStep = Int(job.output.pixel_stride)
  forEachRun(job.size) { row, channel in
    let (centre, slope) = (Lanes(load: job.centre + channel), Lanes(load: job.slope + channel))
    let (factor, offset) = (Lanes(load: job.factor + channel), Lanes(load: job.offset + channel))
    let negativeSlope = Lanes.zero.subtracting(slope)
    let input = job.input.pixels + row * Int(job.input.row_stride) + channel
    let gradient = job.gradient.pixels + row * Int(job.gradient.row_stride) + channel
    let output = job.output.pixels + row * Int(job.output.row_stride) + channel
    for column in 0..<Int(job.size.columns) {
      let distance = Lanes(load: input + column * step).subtracting(centre)
      let rest = Lanes(load: gradient + column * gradientStep).subtracting(offset)
      rest.addingProduct(distance, negativeSlope).multiplied(by: factor).store(output + column * outputStep)
    }
  }
}

/// Calls `body` with each row of an image and each vector of channels: a run of pixels that are computed alike.
@inline(__always)
func forEachRun(_ size: dnn_image_size, _ body: (_ row: Int, _ channel: Int) -> Void) {
  for row in 0..<Int(size.rows) {
    var channel = 0
    while channel < Int(size.channels) {
      body(row, channel)
      channel += Lanes.count
    }
  }
}
