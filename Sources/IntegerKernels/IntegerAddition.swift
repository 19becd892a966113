import CKernels

/// The sum of two values with scales of their own; see `dnn_integer_add_job`.
func integerAdd(_ job: dnn_integer_add_job) {
  let (factorA, factorB) = (Register(repeating: job.factor_a), Register(repeating: job.factor_b))
  // What does not depend on the elements: both zero points, and a half for rounding.
  let start = (1 &<< Int32(job.shift &- 1)) &- job.zero_a &* job.factor_a &- job.zero_b &* job.factor_b
  let (lower, upper) = (Register(repeating: job.lower), Register(repeating: job.upper))
  let shift = Register(repeating: Int32(job.shift))
  var index = 0
  while index < Int(job.count) {
    let count = Int(job.count) - index
    let a = dnn_load_bytes(job.a + index, count) &* factorA
    let b = dnn_load_bytes(job.b + index, count) &* factorB
    let scaled = (a &+ b &+ Register(repeating: start)) &>> shift &+ Register(repeating: job.zero_point)
    dnn_store_bytes(dnn_minimum_int(dnn_maximum_int(scaled, lower), upper), job.output + index, count)
    index += Lanes.count
  }
}
