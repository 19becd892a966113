@testable import DNNTrain
import MNISTInfer

extension FuzzTarget {
  /// The text of an architecture, planned for a picture, and built where that is cheap.
  static let architecture = FuzzTarget(
    name: "architecture",
    seeds: { (Recipe.all.map(\.architecture) + texts).map { Array($0.utf8) } }
  ) { input in
    let architecture = try Architecture(parsing: String(decoding: input, as: UTF8.self))
    let text = architecture.description
    let again = try unfailing("\"\(text)\" is an architecture") { try Architecture(parsing: text) }
    check(
      again.nodes == architecture.nodes && again.classCount == architecture.classCount, "\"\(text)\" is the same one")
    check(again.description == text, "\"\(text)\" is its own description")
    for input in [Shape(height: 28, width: 28, channels: 1), Shape(height: 3, width: 5, channels: 3)] {
      let plan = try NetworkPlan(architecture, input: input, selectKernels())
      check(plan.shape(plan.nodes.count).count >= 1, "there are logits")
      guard plan.values.reduce(0, { $0 + $1.size }) < 1 << 12, plan.multiplyAdds < 1 << 12 else { continue }
      let network = try TrainableNetwork(architecture, input: input)
      check(network.learnedCount <= network.parameterCount, "what is learned is among the parameters")
    }
  }

  private static let texts = [
    "conv 4 3x3 stride 2 pad 1 dilation 2 groups 1 leakyrelu 0.1 as a; from input; depthwise 3x3 pad 0,1,2,3; flatten; dense 3 as b;"
      + " from a; avgpool 2x1 stride 1 pad 1; clippedrelu 2; dense 3; add b",
    "conv 10 1x1; batchnorm tanh; add input sigmoid; globalavgpool", "dense 1",
    "relu6 as x; add x; maxpool 3x2; dense 2",
  ]

  /// Texts of other settings: augmentation, the learning rate's schedule, ranges of a search.
  static let settings = FuzzTarget(name: "settings", seeds: { settingTexts.map { Array($0.utf8) } }) { input in
    let text = String(decoding: input, as: UTF8.self)
    if let augmentation = try? Augmentation(parsing: text) { try augment(augmentation) }
    if let schedule = LearningRateSchedule(parsing: text, warmUp: 0.5) { follow(schedule) }
    for scale in [SearchRange.Scale.numbers, .logarithms, .wholeNumbers] {
      if let range = try? SearchRange(parsing: text, scale) { draw(range) }
    }
  }

  private static let settingTexts = [
    "shift 2, rotate 10, scale 0.1, shear 8, elastic 20, smooth 4, stroke 0.5, erase 0.25, mixup 0.2, flip", "none",
    "rotate 180,scale 0.9,shear 80,elastic 1000,smooth 32", "stroke 8", "constant", "step 5 0.1", "cosine", "one-cycle",
    "0.0003..0.03", "32,64,128", "1..8", "-5..1e300", "adam, sgd",
  ]
}

private func augment(_ augmentation: Augmentation) throws {
  let text = augmentation.description
  let again = try unfailing("\"\(text)\" can be read") { try Augmentation(parsing: text) }
  check(again.description == text, "\"\(text)\" is its own description")
  let shape = Shape(height: 4, width: 3, channels: 1)
  let source = Block(shape.count)
  for index in source.bytes.indices { source.bytes[index] = UInt8(20 * index) }
  let target = Block(shape.count)
  let augmenter = try Augmenter(augmentation, shape: shape)
  for seed in 0..<2 {
    augmenter.change(
      source.bytes.assumingMemoryBound(to: UInt8.self).baseAddress!,
      into: target.bytes.assumingMemoryBound(to: UInt8.self).baseAddress!, RandomKey(seed: UInt64(seed)))
  }
  if augmentation.mixup > 0 {
    let (image, share) = Mixup(alpha: augmentation.mixup).draw(RandomKey(seed: 1), count: 3)
    check((0..<3).contains(image) && (0...0.5).contains(share), "another image has up to half")
  }
}

private func follow(_ schedule: LearningRateSchedule) {
  check(LearningRateSchedule(parsing: "\(schedule.course)") != nil || "\(schedule)" != "", "a schedule has a text")
  for step in [0, 1, 2, 5, 999] {
    let factor = schedule.factor(step: step, stepsPerEpoch: 10, epochs: 100)
    check((0...1).contains(factor), "the factor of step \(step), \(factor), is 0 to 1")
  }
}

private func draw(_ range: SearchRange) {
  var generator = RandomGenerator(RandomKey(seed: 1))
  for _ in 0..<3 {
    let value = range.draw(&generator)
    switch range {
    case .choices(let choices): check(choices.contains(value), "\(value) is one of the choices")
    case .interval(let bounds, _):
      check(Double(value).map { bounds.contains($0) } ?? false, "\(value) lies in \(bounds)")
    }
  }
}
