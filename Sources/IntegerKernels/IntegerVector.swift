import CKernels

#if INTEGER_KERNELS_AVX512
  typealias Register = SIMD16<Int32>
#elseif INTEGER_KERNELS_AVX2
  typealias Register = SIMD8<Int32>
#else
  typealias Register = SIMD4<Int32>
#endif

/// Four bytes of the input in every element, ready to be multiplied.
struct Quad {
  #if INTEGER_KERNELS_VNNI
    let bytes: Register
  #else
    /// Bytes 0 and 2, and 1 and 3, as 16-bit numbers: products of 8-bit numbers added in pairs would saturate.
    let even: Register
    let odd: Register
  #endif

  @inline(__always) init(load address: UnsafePointer<UInt8>) {
    let word = Register(repeating: UnsafeRawPointer(address).loadUnaligned(as: Int32.self))
    #if INTEGER_KERNELS_VNNI
      bytes = word
    #else
      let mask = Register(repeating: 0x00ff_00ff)
      even = word & mask
      odd = (word &>> 8) & mask
    #endif
  }
}

/// Sums of some columns, computed together: one vector register, or a group of registers that makes one row of a tile.
protocol IntegerVector {
  /// Columns.
  static var count: Int { get }
  /// The weights of a quad for these columns.
  associatedtype Weights
  static func loadWeights(_ address: UnsafePointer<Int8>) -> Weights
  init(load address: UnsafePointer<Int32>)
  func adding(_ quad: Quad, _ weights: Weights) -> Self
  func maximum(_ other: Self) -> Self
  func store(_ address: UnsafeMutablePointer<Int32>)
}

/// One vector register.
struct Lanes: IntegerVector {
  var register: Register

  @inline(__always) static var count: Int { Register.scalarCount }

  struct Weights {
    #if INTEGER_KERNELS_VNNI
      let quads: Register
    #else
      let even: Register
      let odd: Register
    #endif
  }

  @inline(__always) static func loadWeights(_ address: UnsafePointer<Int8>) -> Weights {
    let place = UnsafeRawPointer(address)
    #if INTEGER_KERNELS_VNNI
      return Weights(quads: place.loadUnaligned(as: Register.self))
    #else
      return Weights(
        even: place.loadUnaligned(as: Register.self),
        odd: place.loadUnaligned(fromByteOffset: 4 * Lanes.count, as: Register.self))
    #endif
  }

  @inline(__always) init(_ register: Register) { self.register = register }
  @inline(__always) init(load address: UnsafePointer<Int32>) {
    register = UnsafeRawPointer(address).loadUnaligned(as: Register.self)
  }

  @inline(__always) func adding(_ quad: Quad, _ weights: Weights) -> Lanes {
    #if INTEGER_KERNELS_VNNI
      Lanes(dnn_dot(register, quad.bytes, weights.quads))
    #else
      Lanes(dnn_dot(dnn_dot(register, quad.even, weights.even), quad.odd, weights.odd))
    #endif
  }

  @inline(__always) func maximum(_ other: Lanes) -> Lanes { Lanes(dnn_maximum_int(register, other.register)) }

  @inline(__always) func store(_ address: UnsafeMutablePointer<Int32>) {
    UnsafeMutableRawPointer(address).storeBytes(of: register, as: Register.self)
  }
}

/// Two vectors side by side.
struct Pair<Half: IntegerVector>: IntegerVector {
  var low: Half
  var high: Half

  @inline(__always) static var count: Int { 2 * Half.count }

  struct Weights {
    let low: Half.Weights
    let high: Half.Weights
  }

  @inline(__always) static func loadWeights(_ address: UnsafePointer<Int8>) -> Weights {
    Weights(low: Half.loadWeights(address), high: Half.loadWeights(address + Half.count * quadSize))
  }

  @inline(__always) init(_ low: Half, _ high: Half) {
    self.low = low
    self.high = high
  }
  @inline(__always) init(load address: UnsafePointer<Int32>) {
    self.init(Half(load: address), Half(load: address + Half.count))
  }

  @inline(__always) func adding(_ quad: Quad, _ weights: Weights) -> Pair {
    Pair(low.adding(quad, weights.low), high.adding(quad, weights.high))
  }
  @inline(__always) func maximum(_ other: Pair) -> Pair { Pair(low.maximum(other.low), high.maximum(other.high)) }

  @inline(__always) func store(_ address: UnsafeMutablePointer<Int32>) {
    low.store(address)
    high.store(address + Half.count)
  }
}

/// Bytes of a column's four weights: as they are, or widened to 16 bits.
#if INTEGER_KERNELS_VNNI
  let quadSize = 4
#else
  let quadSize = 8
#endif

typealias Narrow = Lanes
typealias Wide = Pair<Lanes>
#if INTEGER_KERNELS_AVX512
  typealias Widest = Pair<Pair<Lanes>>
#else
  typealias Widest = Pair<Lanes>
#endif
