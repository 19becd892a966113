import CKernels

/// output = activation(a + b), or activation(a) without a `b`; see `dnn_elementwise_job`.
func elementwise(_ job: dnn_elementwise_job) {
  var index = 0
  while index < Int(job.count) {
    var value = Lanes(load: job.a + index)
    if let b = job.b { value = value.adding(Lanes(load: b + index)) }
    value =
      isTranscendental(job.activation)
      ? activateTranscendental(value, job.activation) : activate(value, job.activation, job.activation_parameter)
    value.store(job.output + index)
    index += Lanes.count
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
