import CKernels

/// Back through an activation; see `dnn_activation_gradient_job`.
func activationGradient(_ job: dnn_activation_gradient_job) {
  let parameter = Register(repeating: job.activation_parameter)
  switch Int(job.activation) {
  case DNN_ACTIVATION_NONE: if job.sums != nil { change(job) { slope, _ in slope } }
  case DNN_ACTIVATION_RELU: change(job) { slope, y in slope.replacing(with: Register.zero, where: y .<= .zero) }
  case DNN_ACTIVATION_LEAKY_RELU:
    change(job) { slope, y in slope.replacing(with: slope * parameter, where: y .<= .zero) }
  case DNN_ACTIVATION_CLIPPED_RELU:
    change(job) { slope, y in slope.replacing(with: Register.zero, where: (y .<= .zero) .| (y .>= parameter)) }
  case DNN_ACTIVATION_SIGMOID: change(job) { slope, y in slope * (y - y * y) }
  default: change(job) { slope, y in slope - slope * (y * y) }
  }
}

/// Replaces each vector of the gradient, given it and the output's, and adds it to the sums.
@inline(__always)
private func change(_ job: dnn_activation_gradient_job, _ derivative: (Register, Register) -> Register) {
  let (step, outputStep) = (Int(job.gradient.pixel_stride), Int(job.output.pixel_stride))
  forEachRun(job.size) { row, channel in
    let gradient = job.gradient.pixels + row * Int(job.gradient.row_stride) + channel
    let output = job.output.pixels + row * Int(job.output.row_stride) + channel
    var sum = Lanes.zero
    for column in 0..<Int(job.size.columns) {
      let place = gradient + column * step
      let slope = Lanes(
        derivative(Lanes(load: place).register, Lanes(load: output + column * outputStep).register))
      slope.store(place)
      sum = sum.adding(slope)
    }
    if let sums = job.sums { Lanes(load: sums + channel).adding(sum).store(sums + channel) }
  }
}
