/// A stream of random bits that can be read at any position: what a network draws depends on what it is drawn for, never on
/// which thread drew first.
///
/// The output function is that of SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
struct RandomKey: Sendable {
  /// Where the stream begins.
  let state: UInt64

  init(seed: UInt64) { state = RandomKey.mix(seed &+ RandomKey.step) }

  /// The key of one of many independent streams under this one.
  func stream(_ index: Int) -> RandomKey {
    RandomKey(seed: state ^ RandomKey.mix(UInt64(truncatingIfNeeded: index) &* RandomKey.step))
  }

  /// The 64 bits at a position.
  func bits(at position: Int) -> UInt64 {
    RandomKey.mix(state &+ (UInt64(truncatingIfNeeded: position) &+ 1) &* RandomKey.step)
  }

  /// 2^64 divided by the golden ratio, made odd.
  private static let step: UInt64 = 0x9e37_79b9_7f4a_7c15

  private static func mix(_ value: UInt64) -> UInt64 {
    var z = value
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}

/// Random numbers one after another from a key.
///
/// Shuffling is written here and not taken from the standard library, whose algorithm may change from one release of Swift to
/// the next, and with it every file that a seed gives.
struct RandomGenerator {
  private let key: RandomKey
  private var position = 0

  init(_ key: RandomKey) { self.key = key }

  private mutating func next() -> UInt64 {
    defer { position += 1 }
    return key.bits(at: position)
  }

  /// From 0 up to `bound`, exclusive. Off from uniform by less than `bound` / 2^64.
  mutating func index(below bound: Int) -> Int { Int(next().multipliedFullWidth(by: UInt64(bound)).high) }

  /// From -1 up to 1, exclusive, in steps of 2^-23.
  mutating func symmetricUnit() -> Float { Float(next() >> 40) * 0x1p-23 - 1 }

  /// From 0 up to 1, exclusive, in steps of 2^-24.
  mutating func unit() -> Float { Float(next() >> 40) * 0x1p-24 }

  /// Above 0 and up to 1, in steps of 2^-53.
  mutating func positiveUnit() -> Double { Double((next() >> 11) + 1) * 0x1p-53 }

  /// Every order equally likely (Fisher and Yates).
  mutating func shuffle(_ values: inout [Int]) {
    for last in stride(from: values.count - 1, to: 0, by: -1) { values.swapAt(last, index(below: last + 1)) }
  }
}
