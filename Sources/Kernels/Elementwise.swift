import CKernels

/// output = activation(a + b), or activation(a) without a `b`; see `dnn_elementwise_job`.
func elementwise(_ job: dnn_elementwise_job) {
  let clamp = Clamp(job.activation, job.activation_parameter)
  var index = 0
  while index < Int(job.count) {
    var value = Lanes(load: job.a + index)
    if let b = job.b { value = value.adding(Lanes(load: b + index)) }
    clamp(value).store(job.output + index)
    index += Lanes.count
  }
  if needsPass(job.activation) {
    activateRun(job.output, count: Int(job.count), job.activation, job.activation_parameter)
  }
}

/// Probabilities from logits: e^(x - max) over its sum. The sum runs in the order of the classes, so that no vector width
/// shows in the result.
///
/// Weights that are finite can still give sums that are not. A logit then counts as the nearest finite number, and one that is
/// no number at all as the lowest, so that whatever goes in, probabilities come out.
func softmax(_ logits: UnsafePointer<Float>, _ probabilities: UnsafeMutablePointer<Float>, _ count: Int) {
  var largest = -Float.greatestFiniteMagnitude
  for index in 0..<count { largest = bounded(logits[index]) > largest ? bounded(logits[index]) : largest }
  var sum: Float = 0
  for index in 0..<count {
    let e = exponential(Lanes(splat: bounded(logits[index]) - largest)).register[0]
    probabilities[index] = e
    sum += e
  }
  for index in 0..<count { probabilities[index] /= sum }
}

@inline(__always)
private func bounded(_ logit: Float) -> Float {
  let most = Float.greatestFiniteMagnitude
  // A NaN is in no order with anything, so it fails the first comparison.
  return logit > -most ? (logit < most ? logit : most) : -most
}
