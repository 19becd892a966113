import Testing

@testable import DNNTrain

@Suite struct ScheduleTests {
  private func factors(_ text: String, warmUp: Double = 0, stepsPerEpoch: Int, epochs: Int) throws -> [Double] {
    let schedule = try #require(LearningRateSchedule(parsing: text, warmUp: warmUp), "\(text)")
    return (0..<stepsPerEpoch * epochs).map {
      schedule.factor(step: $0, stepsPerEpoch: stepsPerEpoch, epochs: epochs)
    }
  }

  private func expect(_ actual: [Double], _ expected: [Double], _ comment: Comment) {
    #expect(actual.count == expected.count && zip(actual, expected).allSatisfy { abs($0 - $1) < 1e-12 }, comment)
  }

  @Test func constant() throws {
    expect(try factors("constant", stepsPerEpoch: 2, epochs: 2), [1, 1, 1, 1], "constant")
    // Four steps of warm-up.
    expect(
      try factors("constant", warmUp: 2, stepsPerEpoch: 2, epochs: 3), [0.25, 0.5, 0.75, 1, 1, 1], "with a warm-up")
  }

  @Test func step() throws {
    expect(
      try factors("step 2 0.5", stepsPerEpoch: 2, epochs: 5), [1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.25, 0.25], "step 2 0.5"
    )
  }

  @Test("more epochs than there can be never end")
  func longStep() throws {
    expect(try factors("step \(Int.max) 0.5", stepsPerEpoch: 3, epochs: 2), [1, 1, 1, 1, 1, 1], "the longest step")
  }

  @Test("half a cosine: PyTorch's CosineAnnealingLR, (1 + cos(π step / steps)) / 2")
  func cosine() throws {
    // Steps of a third of a half turn: cosines 1, 1/2, -1/2.
    expect(try factors("cosine", stepsPerEpoch: 3, epochs: 1), [1, 0.75, 0.25], "cosine")
    // After a warm-up of 1 epoch of 3 steps, the same.
    expect(
      try factors("cosine", warmUp: 1, stepsPerEpoch: 3, epochs: 2), [1.0 / 3, 2.0 / 3, 1, 1, 0.75, 0.25],
      "with a warm-up")
  }

  @Test("one cycle: PyTorch's OneCycleLR with its default constants")
  func oneCycle() throws {
    // 30 % of 10 steps: up until step 2, halfway there at step 1; 7 steps down to 1 / 250,000.
    let all = try factors("one-cycle", stepsPerEpoch: 10, epochs: 1)
    expect(Array(all[0...2]), [0.04, 0.52, 1], "up")
    expect([all[9]], [4e-6], "the end")
    #expect(zip(all[2...], all[3...]).allSatisfy { $0 > $1 })
    // Up for one epoch of 3 steps of 11 in all: halfway down at step 6, where the cosine is 0.
    let warm = LearningRateSchedule(.oneCycle, warmUp: 3.0 / 11)
    let middle = warm.factor(step: 6, stepsPerEpoch: 11, epochs: 1)
    expect([middle], [(1 + 4e-6) / 2], "halfway down")
  }

  @Test("one step is at the peak")
  func oneStep() throws {
    for text in ["constant", "cosine", "one-cycle", "step 1 0.5"] {
      expect(try factors(text, stepsPerEpoch: 1, epochs: 1), [1], "\(text)")
    }
  }

  @Test(
    "what is no schedule",
    arguments: ["", "cosin", "cosine 3", "step", "step 0 0.1", "step 5", "step 5 0", "step 5 2", "step 5 nan"])
  func rejected(text: String) { #expect(LearningRateSchedule(parsing: text) == nil) }

  @Test("reads what it writes", arguments: ["constant", "cosine", "one-cycle", "step 5 0.1"])
  func description(text: String) throws {
    #expect(try #require(LearningRateSchedule(parsing: text)).description == text)
  }
}
