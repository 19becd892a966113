import CKernels

/// Applies the activation with the given code to every lane.
///
/// An unknown code is the identity: the loader has refused it long before.
@inline(__always)
func activate<Vector: FloatVector>(_ x: Vector, _ activation: UInt32, _ parameter: Float) -> Vector {
  switch Int(activation) {
  case DNN_ACTIVATION_RELU: return x.maximum(.zero)
  case DNN_ACTIVATION_LEAKY_RELU:
    return x.maximum(.zero).addingProduct(x.minimum(.zero), Vector(splat: parameter))
  case DNN_ACTIVATION_CLIPPED_RELU: return x.maximum(.zero).minimum(Vector(splat: parameter))
  default: return x
  }
}

/// Activations that go through the exponential are applied by a pass of their own: inside a matrix tile they would fill the
/// instruction cache with code that most networks never run.
@inline(__always)
func isTranscendental(_ activation: UInt32) -> Bool {
  Int(activation) == DNN_ACTIVATION_SIGMOID || Int(activation) == DNN_ACTIVATION_TANH
}

@inline(__always)
func activateTranscendental(_ x: Lanes, _ activation: UInt32) -> Lanes {
  Int(activation) == DNN_ACTIVATION_SIGMOID ? sigmoid(x) : hyperbolicTangent(x)
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

/// e^x within about 2 units in the last place, for x clamped to [-87.3, 88.3] so that the result is a normal number.
///
/// x = n ln 2 + r with |r| <= ln 2 / 2, ln 2 in two parts so that n times the first is exact (Cody and Waite, Software Manual
/// for the Elementary Functions, 1980, chapter 6); e^r by its Taylor polynomial to r^7, whose first missing term is below
/// 0.347^8 / 8! = 5e-9; 2^n by writing n into the exponent field.
@inline(__always)
func exponential(_ x: Lanes) -> Lanes {
  let clamped = x.minimum(Lanes(splat: 88.3)).maximum(Lanes(splat: -87.3)).register
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
