import CKernels

/// B^T d B of one tile of 6×6 inputs; see `dnn_winograd_input_job`.
func winograd4Input(_ job: dnn_winograd_input_job) {
  let (rowStride, pixelStride, planeStride) = (Int(job.row_stride), Int(job.pixel_stride), Int(job.plane_stride))
  let scratch = job.scratch!
  var channel = 0
  while channel < Int(job.channels) {
    for column in 0..<6 {
      let input = job.input + channel + column * pixelStride
      let (t0, t1, t2, t3, t4, t5) = transformInput(
        Lanes(load: input), Lanes(load: input + rowStride), Lanes(load: input + 2 * rowStride),
        Lanes(load: input + 3 * rowStride), Lanes(load: input + 4 * rowStride), Lanes(load: input + 5 * rowStride))
      let place = scratch + column * Lanes.count
      let step = 6 * Lanes.count
      t0.store(place)
      t1.store(place + step)
      t2.store(place + 2 * step)
      t3.store(place + 3 * step)
      t4.store(place + 4 * step)
      t5.store(place + 5 * step)
    }
    for row in 0..<6 {
      let (t0, t1, t2, t3, t4, t5) = transformInput(loadSix(scratch + row * 6 * Lanes.count))
      let place = job.transformed + channel + 6 * row * planeStride
      t0.store(place)
      t1.store(place + planeStride)
      t2.store(place + 2 * planeStride)
      t3.store(place + 3 * planeStride)
      t4.store(place + 4 * planeStride)
      t5.store(place + 5 * planeStride)
    }
    channel += Lanes.count
  }
}

/// A^T m A of one tile of 4×4 outputs, bias and activation; see `dnn_winograd_output_job`.
func winograd4Output(_ job: dnn_winograd_output_job) {
  let planeStride = Int(job.plane_stride)
  let scratch = job.scratch!
  let clamp = Clamp(job.activation, job.activation_parameter)
  var channel = 0
  while channel < Int(job.channels) {
    for column in 0..<6 {
      let source = job.transformed + channel + column * planeStride
      let step = 6 * planeStride
      let (s0, s1, s2, s3) = transformOutput(
        Lanes(load: source), Lanes(load: source + step), Lanes(load: source + 2 * step), Lanes(load: source + 3 * step),
        Lanes(load: source + 4 * step), Lanes(load: source + 5 * step))
      let place = scratch + column * Lanes.count
      s0.store(place)
      s1.store(place + 6 * Lanes.count)
      s2.store(place + 12 * Lanes.count)
      s3.store(place + 18 * Lanes.count)
    }
    if job.pool != 0 {
      storeWindows(job, channel, clamp)
    } else {
      storeRows(job, channel, clamp)
    }
    channel += Lanes.count
  }
  if needsPass(job.activation) { activateTile(job) }
}

@inline(__always)
private func storeRows(_ job: dnn_winograd_output_job, _ channel: Int, _ clamp: Clamp) {
  let (columns, step) = (Int(job.columns), Int(job.pixel_stride))
  let bias = Lanes(load: job.bias + channel)
  for row in 0..<Int(job.rows) {
    let (s0, s1, s2, s3) = transformOutput(loadSix(job.scratch + row * 6 * Lanes.count))
    let output = job.output + channel + row * Int(job.row_stride)
    clamp(s0.adding(bias)).store(output)
    if columns > 1 { clamp(s1.adding(bias)).store(output + step) }
    if columns > 2 { clamp(s2.adding(bias)).store(output + 2 * step) }
    if columns > 3 { clamp(s3.adding(bias)).store(output + 3 * step) }
  }
}

/// Rows of pooling windows, two rows of the tile each.
@inline(__always)
private func storeWindows(_ job: dnn_winograd_output_job, _ channel: Int, _ clamp: Clamp) {
  let bias = Lanes(load: job.bias + channel)
  for row in 0..<Int(job.rows) {
    let (s0, s1, s2, s3) = transformOutput(loadSix(job.scratch + 2 * row * 6 * Lanes.count))
    let (t0, t1, t2, t3) = transformOutput(loadSix(job.scratch + (2 * row + 1) * 6 * Lanes.count))
    let output = job.output + channel + row * Int(job.row_stride)
    clamp(s0.maximum(s1).maximum(t0.maximum(t1)).adding(bias)).store(output)
    if job.columns > 1 {
      clamp(s2.maximum(s3).maximum(t2.maximum(t3)).adding(bias)).store(output + Int(job.pixel_stride))
    }
  }
}

/// The activations that need a pass, on the outputs of a tile.
func activateTile(_ job: dnn_winograd_output_job) {
  for row in 0..<Int(job.rows) {
    for column in 0..<Int(job.columns) {
      let output = job.output + row * Int(job.row_stride) + column * Int(job.pixel_stride)
      activateRun(output, count: Int(job.channels), job.activation, job.activation_parameter)
    }
  }
}

private typealias Six = (Lanes, Lanes, Lanes, Lanes, Lanes, Lanes)

@inline(__always)
private func loadSix(_ place: UnsafePointer<Float>) -> Six {
  (
    Lanes(load: place), Lanes(load: place + Lanes.count), Lanes(load: place + 2 * Lanes.count),
    Lanes(load: place + 3 * Lanes.count), Lanes(load: place + 4 * Lanes.count), Lanes(load: place + 5 * Lanes.count)
  )
}

/// B^T d for one column d: the interpolation points are 0, 1, -1, 2, -2 and infinity.
@inline(__always)
private func transformInput(_ d: Six) -> Six {
  transformInput(d.0, d.1, d.2, d.3, d.4, d.5)
}

@inline(__always)
private func transformInput(_ d0: Lanes, _ d1: Lanes, _ d2: Lanes, _ d3: Lanes, _ d4: Lanes, _ d5: Lanes) -> Six {
  let even = d4.adding(d2, times: -4)
  let odd = d3.adding(d1, times: -4)
  let evenTwo = d4.subtracting(d2)
  let oddTwo = d3.subtracting(d1)
  return (
    d4.adding(d0, times: 4).adding(d2, times: -5), even.adding(odd), even.subtracting(odd),
    evenTwo.adding(oddTwo, times: 2), evenTwo.adding(oddTwo, times: -2), d5.adding(d1, times: 4).adding(d3, times: -5)
  )
}

/// A^T m for one column m.
@inline(__always)
private func transformOutput(_ m: Six) -> (Lanes, Lanes, Lanes, Lanes) {
  transformOutput(m.0, m.1, m.2, m.3, m.4, m.5)
}

@inline(__always)
private func transformOutput(
  _ m0: Lanes, _ m1: Lanes, _ m2: Lanes, _ m3: Lanes, _ m4: Lanes, _ m5: Lanes
) -> (Lanes, Lanes, Lanes, Lanes) {
  let (sumOne, differenceOne) = (m1.adding(m2), m1.subtracting(m2))
  let (sumTwo, differenceTwo) = (m3.adding(m4), m3.subtracting(m4))
  return (
    m0.adding(sumOne).adding(sumTwo), differenceOne.adding(differenceTwo, times: 2), sumOne.adding(sumTwo, times: 4),
    differenceOne.adding(differenceTwo, times: 8).adding(m5)
  )
}
