import CKernels

// The transforms of F(4x4, 3x3) that only training needs, for the same points as the others: 0, 1, -1, 2, -2 and infinity. Each
// goes over columns first and leaves them, as rows, in the scratch memory.

/// A d A^T of the gradient of one tile of 4×4 outputs; see `dnn_winograd_gradient_job`.
func winograd4Gradient(_ job: dnn_winograd_gradient_job) {
  let (pixelStride, planeStride, scratch) = (Int(job.pixel_stride), Int(job.plane_stride), job.scratch!)
  var channel = 0
  while channel < Int(job.channels) {
    for column in 0..<4 {
      let isThere = column < Int(job.columns)
      let place = job.gradient + channel + (isThere ? column * pixelStride : 0)
      let (d0, d1, d2, d3) = loadFour(place, step: Int(job.row_stride), count: isThere ? Int(job.rows) : 0)
      store(spread(d0, d1, d2, d3), scratch + column * Lanes.count, step: 4 * Lanes.count)
    }
    for row in 0..<6 {
      let (d0, d1, d2, d3) = loadFour(scratch + row * 4 * Lanes.count, step: Lanes.count, count: 4)
      store(spread(d0, d1, d2, d3), job.transformed + channel + 6 * row * planeStride, step: planeStride)
    }
    channel += Lanes.count
  }
}

/// G g G^T; see `dnn_winograd_weights_job`.
func winograd4Weights(_ job: dnn_winograd_weights_job) {
  let (tapStride, planeStride, scratch) = (Int(job.tap_stride), Int(job.plane_stride), job.scratch!)
  var column = 0
  while column < Int(job.columns) {
    for tap in 0..<3 {
      let weights = job.weights + column + tap * tapStride
      let line = transformWeights(
        Lanes(load: weights), Lanes(load: weights + 3 * tapStride), Lanes(load: weights + 6 * tapStride))
      store(line, scratch + tap * Lanes.count, step: 3 * Lanes.count)
    }
    for row in 0..<6 {
      let line = scratch + row * 3 * Lanes.count
      let transformed = transformWeights(
        Lanes(load: line), Lanes(load: line + Lanes.count), Lanes(load: line + 2 * Lanes.count))
      store(transformed, job.transformed + column + 6 * row * planeStride, step: planeStride)
    }
    column += Lanes.count
  }
}

/// G^T u G; see `dnn_winograd_weights_job`.
func winograd4WeightGradient(_ job: dnn_winograd_weights_job) {
  let (tapStride, planeStride, scratch) = (Int(job.tap_stride), Int(job.plane_stride), job.scratch!)
  var column = 0
  while column < Int(job.columns) {
    for plane in 0..<6 {
      let (g0, g1, g2) = gather(job.transformed + column + plane * planeStride, step: 6 * planeStride)
      let place = scratch + plane * Lanes.count
      g0.store(place)
      g1.store(place + 6 * Lanes.count)
      g2.store(place + 12 * Lanes.count)
    }
    for row in 0..<3 {
      let (g0, g1, g2) = gather(scratch + row * 6 * Lanes.count, step: Lanes.count)
      let place = job.weights + column + 3 * row * tapStride
      g0.store(place)
      g1.store(place + tapStride)
      g2.store(place + 2 * tapStride)
    }
    column += Lanes.count
  }
}

private typealias Six = (Lanes, Lanes, Lanes, Lanes, Lanes, Lanes)

/// The first `count` of four vectors, zeros for the others.
@inline(__always)
private func loadFour(_ place: UnsafePointer<Float>, step: Int, count: Int) -> (Lanes, Lanes, Lanes, Lanes) {
  (
    count > 0 ? Lanes(load: place) : .zero, count > 1 ? Lanes(load: place + step) : .zero,
    count > 2 ? Lanes(load: place + 2 * step) : .zero, count > 3 ? Lanes(load: place + 3 * step) : .zero
  )
}

@inline(__always)
private func store(_ values: Six, _ place: UnsafeMutablePointer<Float>, step: Int) {
  values.0.store(place)
  values.1.store(place + step)
  values.2.store(place + 2 * step)
  values.3.store(place + 3 * step)
  values.4.store(place + 4 * step)
  values.5.store(place + 5 * step)
}

/// A d for one column d.
@inline(__always)
private func spread(_ d0: Lanes, _ d1: Lanes, _ d2: Lanes, _ d3: Lanes) -> Six {
  let (evenOne, oddOne) = (d0.adding(d2), d1.adding(d3))
  let (evenTwo, oddTwo) = (d0.adding(d2, times: 4), d1.adding(d3, times: 4))
  return (
    d0, evenOne.adding(oddOne), evenOne.subtracting(oddOne), evenTwo.adding(oddTwo, times: 2),
    evenTwo.adding(oddTwo, times: -2), d3
  )
}

/// G g for one column g.
@inline(__always)
private func transformWeights(_ a: Lanes, _ b: Lanes, _ c: Lanes) -> Six {
  let (outer, inner) = (a.adding(c).multiplied(by: Lanes(splat: -1 / 6)), b.multiplied(by: Lanes(splat: 1 / 6)))
  let far = a.multiplied(by: Lanes(splat: 1 / 24)).adding(c, times: 1 / 6)
  let middle = b.multiplied(by: Lanes(splat: 1 / 12))
  return (
    a.multiplied(by: Lanes(splat: 1 / 4)), outer.subtracting(inner), outer.adding(inner), far.adding(middle),
    far.subtracting(middle), c
  )
}

/// G^T u for one column u, whose elements stand `step` apart.
@inline(__always)
private func gather(_ place: UnsafePointer<Float>, step: Int) -> (Lanes, Lanes, Lanes) {
  let (u1, u2) = (Lanes(load: place + step), Lanes(load: place + 2 * step))
  let (u3, u4) = (Lanes(load: place + 3 * step), Lanes(load: place + 4 * step))
  let (sumOne, sumTwo) = (u1.adding(u2), u3.adding(u4))
  let outer = sumOne.multiplied(by: Lanes(splat: -1 / 6))
  return (
    outer.adding(Lanes(load: place), times: 1 / 4).adding(sumTwo, times: 1 / 24),
    u2.subtracting(u1).multiplied(by: Lanes(splat: 1 / 6)).adding(u3.subtracting(u4), times: 1 / 12),
    outer.adding(sumTwo, times: 1 / 6).adding(Lanes(load: place + 5 * step))
  )
}
