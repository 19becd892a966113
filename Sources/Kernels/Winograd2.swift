import CKernels

/// B^T d B of one tile of 4×4 inputs; see `dnn_winograd_input_job`.
func winograd2Input(_ job: dnn_winograd_input_job) {
  let (rowStride, pixelStride, planeStride) = (Int(job.row_stride), Int(job.pixel_stride), Int(job.plane_stride))
  let step = 4 * Lanes.count
  var channel = 0
  while channel < Int(job.channels) {
    for column in 0..<4 {
      let input = job.input + channel + column * pixelStride
      let place = job.scratch + column * Lanes.count
      store(transformInput(load(input, step: rowStride)), place, step: step)
    }
    for row in 0..<4 {
      let place = job.transformed + channel + 4 * row * planeStride
      store(transformInput(load(job.scratch + row * step, step: Lanes.count)), place, step: planeStride)
    }
    channel += Lanes.count
  }
}

/// A^T m A of one tile of 2×2 outputs, bias and activation; see `dnn_winograd_output_job`.
func winograd2Output(_ job: dnn_winograd_output_job) {
  let (planeStride, step) = (Int(job.plane_stride), 4 * Lanes.count)
  let clamp = Clamp(job.activation, job.activation_parameter)
  var channel = 0
  while channel < Int(job.channels) {
    for column in 0..<4 {
      let source = job.transformed + channel + column * planeStride
      let (upper, lower) = transformOutput(load(source, step: 4 * planeStride))
      upper.store(job.scratch + column * Lanes.count)
      lower.store(job.scratch + column * Lanes.count + step)
    }
    let bias = Lanes(load: job.bias + channel)
    let output = job.output + channel
    let (s0, s1) = transformOutput(load(job.scratch, step: Lanes.count))
    let (s2, s3) = transformOutput(load(job.scratch + step, step: Lanes.count))
    if job.pool != 0 {
      clamp(s0.maximum(s1).maximum(s2.maximum(s3)).adding(bias)).store(output)
    } else {
      let (below, right) = (Int(job.row_stride), Int(job.pixel_stride))
      clamp(s0.adding(bias)).store(output)
      if job.columns > 1 { clamp(s1.adding(bias)).store(output + right) }
      if job.rows > 1 { clamp(s2.adding(bias)).store(output + below) }
      if job.rows > 1 && job.columns > 1 { clamp(s3.adding(bias)).store(output + below + right) }
    }
    channel += Lanes.count
  }
  if needsPass(job.activation) { activateTile(job) }
}

private typealias Four = (Lanes, Lanes, Lanes, Lanes)

@inline(__always)
private func load(_ place: UnsafePointer<Float>, step: Int) -> Four {
  (Lanes(load: place), Lanes(load: place + step), Lanes(load: place + 2 * step), Lanes(load: place + 3 * step))
}

@inline(__always)
private func store(_ values: Four, _ place: UnsafeMutablePointer<Float>, step: Int) {
  values.0.store(place)
  values.1.store(place + step)
  values.2.store(place + 2 * step)
  values.3.store(place + 3 * step)
}

/// B^T d for one column d: the interpolation points are 0, 1, -1 and infinity.
@inline(__always)
private func transformInput(_ d: Four) -> Four {
  (d.0.subtracting(d.2), d.1.adding(d.2), d.2.subtracting(d.1), d.3.subtracting(d.1))
}

/// A^T m for one column m.
@inline(__always)
private func transformOutput(_ m: Four) -> (Lanes, Lanes) {
  (m.0.adding(m.1).adding(m.2), m.1.subtracting(m.2).adding(m.3))
}
