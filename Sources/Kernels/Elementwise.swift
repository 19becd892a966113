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
func softmax(_ logits: UnsafePointer<Float>, _ probabilities: UnsafeMutablePointer<Float>, _ count: Int) {
  var largest = logits[0]
  for index in 1..<max(count, 1) where logits[index] > largest { largest = logits[index] }
  var sum: Float = 0
  for index in 0..<count {
    let e = exponential(Lanes(splat: logits[index] - largest)).register[0]
    probabilities[index] = e
    sum += e
  }
  for index in 0..<count { probabilities[index] /= sum }
}
