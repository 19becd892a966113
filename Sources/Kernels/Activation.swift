import CKernels

/// The activations that only bound a value, which a kernel applies while it still holds the value: none, ReLU and clipped ReLU
/// differ in the bounds alone, so there is nothing to decide for each value.
struct Clamp {
  let lower: Float
  let upper: Float

  @inline(__always) init(_ activation: UInt32, _ parameter: Float) {
    let code = Int(activation)
    lower = code == DNN_ACTIVATION_RELU || code == DNN_ACTIVATION_CLIPPED_RELU ? 0 : -.infinity
    upper = code == DNN_ACTIVATION_CLIPPED_RELU ? parameter : .infinity
  }

  @inline(__always) func callAsFunction<Vector: FloatVector>(_ x: Vector) -> Vector {
    x.maximum(Vector(splat: lower)).minimum(Vector(splat: upper))
  }
}

/// Whether an activation is more than a clamp. It is then applied in a pass of its own, `activateRun`, after the clamp that
/// leaves its values alone: inside a tile it would fill the instruction cache with code that most networks never run.
@inline(__always)
func needsPass(_ activation: UInt32) -> Bool {
  let code = Int(activation)
  return code == DNN_ACTIVATION_LEAKY_RELU || code == DNN_ACTIVATION_SIGMOID || code == DNN_ACTIVATION_TANH
}

/// Applies such an activation to a run of values in place.
func activateRun(
  _ values: UnsafeMutablePointer<Float>, count: Int, _ activation: UInt32, _ parameter: Float
) {
  var index = 0
  while index < count {
    let x = Lanes(load: values + index)
    let result =
      switch Int(activation) {
      case DNN_ACTIVATION_SIGMOID: sigmoid(x)
      case DNN_ACTIVATION_TANH: hyperbolicTangent(x)
      default: x.maximum(.zero).addingProduct(x.minimum(.zero), Lanes(splat: parameter))
      }
    result.store(values + index)
    index += Lanes.count
  }
}

/// 1 / (1 + e^-x). For x < -87 the exponential saturates, and the result is about 1e-38 instead of a denormal.
@inline(__always)
private func sigmoid(_ x: Lanes) -> Lanes {
  let one = Register(repeating: 1)
  return Lanes(one / (one + exponential(Lanes(-x.register)).register))
}

/// tanh x = 1 - 2 / (e^2x + 1): absolute error of some 1e-7, which is what a layer's output needs; the relative error grows
/// for x near 0.
@inline(__always)
private func hyperbolicTangent(_ x: Lanes) -> Lanes {
  let one = Register(repeating: 1)
  let e = exponential(Lanes(x.register + x.register)).register
  return Lanes(one - Register(repeating: 2) / (e + one))
}

/// e^x within about 2 units in the last place, for x clamped to [-87.3, 87.3] so that neither the result nor its reciprocal is
/// denormal.
///
/// x = n ln 2 + r with |r| <= ln 2 / 2, ln 2 in two parts so that n times the first is exact (Cody and Waite, Software Manual
/// for the Elementary Functions, 1980, chapter 6); e^r by its Taylor polynomial to r^7, whose first missing term is below
/// 0.347^8 / 8! = 5e-9; 2^n by writing n into the exponent field.
@inline(__always)
func exponential(_ x: Lanes) -> Lanes {
  let clamped = x.minimum(Lanes(splat: 87.3)).maximum(Lanes(splat: -87.3)).register
  // Adding 1.5 * 2^23 rounds to an integer and leaves that integer in the low bits of the sum.
  let shifter = Register(repeating: 12_582_912)
  let shifted = clamped * Register(repeating: 1.442695041) + shifter
  let n = shifted - shifter
  let r = (clamped - n * Register(repeating: 0.693359375)) + n * Register(repeating: 2.12194440e-4)
  var power = Lanes(splat: 1 / 5040)
  power = Lanes(splat: 1 / 720).addingProduct(power, Lanes(r))
  power = Lanes(splat: 1 / 120).addingProduct(power, Lanes(r))
  power = Lanes(splat: 1 / 24).addingProduct(power, Lanes(r))
  power = Lanes(splat: 1 / 6).addingProduct(power, Lanes(r))
  power = Lanes(splat: 1 / 2).addingProduct(power, Lanes(r))
  power = Lanes(splat: 1).addingProduct(power, Lanes(r))
  power = Lanes(splat: 1).addingProduct(power, Lanes(r))
  let exponent =
    (unsafeBitCast(shifted, to: IntegerRegister.self) &+ IntegerRegister(repeating: 127))
    &<< IntegerRegister(repeating: 23)
  return Lanes(power.register * unsafeBitCast(exponent, to: Register.self))
}

#if KERNELS_AVX512
  private typealias IntegerRegister = SIMD16<Int32>
#elseif KERNELS_AVX2
  private typealias IntegerRegister = SIMD8<Int32>
#else
  private typealias IntegerRegister = SIMD4<Int32>
#endif
