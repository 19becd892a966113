/// SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014): seeded, so that a failing case
/// can be run again.
package struct Random: RandomNumberGenerator {
  @usableFromInline package var state: UInt64

  /// A generator whose numbers depend on the seed alone.
  @inlinable package init(_ seed: UInt64) { state = seed }

  /// The next 64 bits.
  @inlinable package mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
    return z ^ z >> 31
  }

  /// A number of the range.
  @inlinable package mutating func int(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }

  /// Numbers from -bound to bound.
  @inlinable package mutating func floats(_ count: Int, _ bound: Float) -> [Float] {
    (0..<count).map { _ in Float.random(in: -bound...bound, using: &self) }
  }

  /// Bytes of any value.
  @inlinable package mutating func bytes(_ count: Int) -> [UInt8] {
    (0..<count).map { _ in UInt8.random(in: 0...255, using: &self) }
  }
}
