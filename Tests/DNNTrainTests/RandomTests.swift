import Testing

@testable import DNNTrain

@Suite struct RandomTests {
  @Test("the same key gives the same bits, streams give others")
  func streams() {
    let key = RandomKey(seed: 1)
    #expect(key.bits(at: 7) == RandomKey(seed: 1).bits(at: 7))
    let bits = [
      key.bits(at: 7), key.bits(at: 8), key.stream(0).bits(at: 7), key.stream(1).bits(at: 7),
      RandomKey(seed: 2).bits(at: 7),
    ]
    #expect(Set(bits).count == bits.count)
  }

  @Test("a shuffle is a permutation, and not the identity")
  func shuffle() {
    var values = Array(0..<100)
    var generator = RandomGenerator(RandomKey(seed: 3))
    generator.shuffle(&values)
    #expect(values.sorted() == Array(0..<100))
    #expect(values != Array(0..<100))
  }

  @Test("uniform: mean 0, variance 1/3, never 1")
  func uniform() {
    var generator = RandomGenerator(RandomKey(seed: 4))
    let values = (0..<10_000).map { _ in Double(generator.symmetricUnit()) }
    #expect(values.allSatisfy { $0 >= -1 && $0 < 1 })
    // Standard errors: sqrt(1/3 / 10000) = 0.0058 and sqrt((1/5 - 1/9) / 10000) = 0.003; four of each.
    #expect(abs(values.reduce(0, +) / 10_000) < 0.0232)
    #expect(abs(values.reduce(0) { $0 + $1 * $1 } / 10_000 - 1.0 / 3) < 0.012)
  }
}
