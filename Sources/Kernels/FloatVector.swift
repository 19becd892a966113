import CKernels

/// Floats that are computed on together: one vector register, or a group of registers that makes one row of a tile.
///
/// Every kernel is generic over this protocol and specialised for the groups below, so that a tile is written once for all
/// widths. The conforming types are wrappers of our own, because a conformance of the standard library's `SIMD16` would pull
/// the Swift runtime's metadata into objects that must not need it.
protocol FloatVector {
  /// Floats in the vector.
  static var count: Int { get }
  static var zero: Self { get }
  init(splat value: Float)
  init(load address: UnsafePointer<Float>)
  func store(_ address: UnsafeMutablePointer<Float>)
  /// `self + a * b`, rounded once where the instruction set has a fused multiply-add, twice elsewhere.
  func addingProduct(_ a: Self, _ b: Self) -> Self
  func adding(_ other: Self) -> Self
  func multiplied(by other: Self) -> Self
  func maximum(_ other: Self) -> Self
  func minimum(_ other: Self) -> Self
}

#if KERNELS_AVX512
  typealias Register = SIMD16<Float>
#elseif KERNELS_AVX2
  typealias Register = SIMD8<Float>
#else
  typealias Register = SIMD4<Float>
#endif

/// One vector register.
struct Lanes: FloatVector {
  var register: Register

  @inline(__always) init(_ register: Register) { self.register = register }
  @inline(__always) static var count: Int { Register.scalarCount }
  @inline(__always) static var zero: Lanes { Lanes(.zero) }
  @inline(__always) init(splat value: Float) { register = Register(repeating: value) }

  @inline(__always) init(load address: UnsafePointer<Float>) {
    register = UnsafeRawPointer(address).loadUnaligned(as: Register.self)
  }

  @inline(__always) func store(_ address: UnsafeMutablePointer<Float>) {
    UnsafeMutableRawPointer(address).storeBytes(of: register, as: Register.self)
  }

  @inline(__always) func addingProduct(_ a: Lanes, _ b: Lanes) -> Lanes {
    #if KERNELS_AVX512 || KERNELS_AVX2 || arch(arm64)
      Lanes(register.addingProduct(a.register, b.register))
    #else
      // Without the instruction, a fused multiply-add is a call into libm for every lane.
      Lanes(register + a.register * b.register)
    #endif
  }

  /// `self + a * factor`, rounded as `addingProduct` is.
  @inline(__always) func adding(_ a: Lanes, times factor: Float) -> Lanes { addingProduct(a, Lanes(splat: factor)) }

  @inline(__always) func adding(_ other: Lanes) -> Lanes { Lanes(register + other.register) }
  @inline(__always) func subtracting(_ other: Lanes) -> Lanes { Lanes(register - other.register) }
  @inline(__always) func multiplied(by other: Lanes) -> Lanes { Lanes(register * other.register) }

  // Not `pointwiseMax`: that one follows IEEE 754 maximumNumber and takes several instructions where this is one.
  @inline(__always) func maximum(_ other: Lanes) -> Lanes { Lanes(dnn_maximum(register, other.register)) }
  @inline(__always) func minimum(_ other: Lanes) -> Lanes { Lanes(dnn_minimum(register, other.register)) }
}

/// Two vectors side by side.
struct Pair<Half: FloatVector>: FloatVector {
  var low: Half
  var high: Half

  @inline(__always) init(_ low: Half, _ high: Half) {
    self.low = low
    self.high = high
  }
  @inline(__always) static var count: Int { 2 * Half.count }
  @inline(__always) static var zero: Pair { Pair(Half.zero, Half.zero) }
  @inline(__always) init(splat value: Float) { self.init(Half(splat: value), Half(splat: value)) }

  @inline(__always) init(load address: UnsafePointer<Float>) {
    self.init(Half(load: address), Half(load: address + Half.count))
  }
  @inline(__always) func store(_ address: UnsafeMutablePointer<Float>) {
    low.store(address)
    high.store(address + Half.count)
  }

  @inline(__always) func addingProduct(_ a: Pair, _ b: Pair) -> Pair {
    Pair(low.addingProduct(a.low, b.low), high.addingProduct(a.high, b.high))
  }
  @inline(__always) func adding(_ other: Pair) -> Pair { Pair(low.adding(other.low), high.adding(other.high)) }
  @inline(__always) func multiplied(by other: Pair) -> Pair {
    Pair(low.multiplied(by: other.low), high.multiplied(by: other.high))
  }
  @inline(__always) func maximum(_ other: Pair) -> Pair { Pair(low.maximum(other.low), high.maximum(other.high)) }
  @inline(__always) func minimum(_ other: Pair) -> Pair { Pair(low.minimum(other.low), high.minimum(other.high)) }
}

// The widths of a tile. Six rows of `Widest` fill the accumulators: 24 of 32 registers with AVX-512 and on arm64, 12 of 16
// with AVX2 and SSE; the rest hold a row of weights and the broadcast input.
typealias Narrow = Lanes
typealias Wide = Pair<Lanes>
#if KERNELS_AVX512 || arch(arm64)
  typealias Widest = Pair<Pair<Lanes>>
#else
  typealias Widest = Pair<Lanes>
#endif
