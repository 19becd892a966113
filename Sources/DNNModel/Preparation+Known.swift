import MNISTInfer

extension PreparationSteps {
  /// The steps' names, in the order in which they are done.
  public var names: [String] { PreparationSteps.named.filter { contains($0.steps) }.map(\.name) }

  /// Each step with its name, by its bit.
  public static let named: [(name: String, steps: PreparationSteps)] = [
    ("fitted", .fitted), ("colour", .colour), ("lighting", .lighting), ("contrast", .contrast), ("lines", .lines),
    ("specks", .specks), ("strokes", .strokes), ("nothing", .nothing),
  ]
}

/// What suits the data sets that everybody has.
extension Preparation {
  /// Handwritten digits in MNIST's format.
  public static let digits = Preparation(
    polarity: .lightOnDark, placement: .centreOfMass, boxHeight: 20, boxWidth: 20,
    steps: .all)

  /// Clothes in Fashion-MNIST's format.
  public static let clothes = Preparation(
    polarity: .lightOnDark, placement: .fit, boxHeight: 28, boxWidth: 28,
    steps: .fitted | .contrast | .specks | .nothing)
}
