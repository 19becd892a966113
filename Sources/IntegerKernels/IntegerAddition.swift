import CKernels

/// The sum of two values with scales of their own; see `dnn_integer_add_job`.
func integerAdd(_ job: dnn_integer_add_job) {
  let addition = Addition(job)
  let count = Int(job.count)
  var index = 0
  while index + Lanes.count <= count {
    let sum = addition(dnn_load_bytes(job.a + index, Lanes.count), dnn_load_bytes(job.b + index, Lanes.count))
    dnn_store_bytes(sum, job.output + index, Lanes.count)
    index += Lanes.count
  }
  if index < count {
    let sum = addition(dnn_load_bytes(job.a + index, count - index), dnn_load_bytes(job.b + index, count - index))
    dnn_store_bytes(sum, job.output + index, count - index)
  }
}

private struct Addition {
  private let factorA: Register
  private let factorB: Register
  /// What does not depend on the elements: both zero points, and a half for rounding.
  private let start: Register
  private let shift: Register
  private let zeroPoint: Register
  private let lower: Register
  private let upper: Register

  @inline(__always) init(_ job: dnn_integer_add_job) {
    (factorA, factorB) = (Register(repeating: job.factor_a), Register(repeating: job.factor_b))
    start = Register(
      repeating: (1 &<< Int32(job.shift &- 1)) &- job.zero_a &* job.factor_a &- job.zero_b &* job.factor_b)
    shift = Register(repeating: Int32(job.shift))
    zeroPoint = Register(repeating: job.zero_point)
    (lower, upper) = (Register(repeating: job.lower), Register(repeating: job.upper))
  }

  @inline(__always) func callAsFunction(_ a: Register, _ b: Register) -> Register {
    let scaled = (a &* factorA &+ b &* factorB &+ start) &>> shift &+ zeroPoint
    return dnn_minimum_int(dnn_maximum_int(scaled, lower), upper)
  }
}
