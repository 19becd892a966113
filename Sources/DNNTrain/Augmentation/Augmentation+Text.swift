extension Augmentation: CustomStringConvertible {
  /// One change as it is written down.
  private struct Word {
    let name: String
    let range: ClosedRange<Float>
    let number: WritableKeyPath<Augmentation, Float>
  }

  private static var words: [Word] {
    [
      Word(name: "shift", range: 0...1024, number: \.shift),
      Word(name: "rotate", range: 0...180, number: \.rotation),
      Word(name: "scale", range: 0...0.9, number: \.scale),
      Word(name: "shear", range: 0...80, number: \.shear),
      Word(name: "elastic", range: 0...1000, number: \.elasticStrength),
      Word(name: "smooth", range: 0.5...32, number: \.elasticSmoothness),
      Word(name: "stroke", range: 0...8, number: \.stroke),
      Word(name: "erase", range: 0...1, number: \.erasing),
      Word(name: "mixup", range: 0...1, number: \.mixup),
      Word(name: "outliers", range: 0...0.9, number: \.outliers),
    ]
  }

  /// Reads changes like "shift 2, rotate 10, flip", or "none".
  ///
  /// - Throws: `AugmentationError` for a word that is none, or a number that is out of range.
  public init(parsing text: String) throws {
    self.init()
    if text == "none" { return }
    for part in text.split(separator: ",") {
      let words = part.split(separator: " ").map(String.init)
      if words == ["flip"] {
        flips = true
        continue
      }
      guard let word = Augmentation.words.first(where: { $0.name == words.first }) else {
        let names = Augmentation.words.map { "\($0.name) X" }.joined(separator: ", ")
        throw AugmentationError("\"\(words.joined(separator: " "))\": write none or some of \(names), flip")
      }
      guard words.count == 2, let number = Float(words[1]), word.range.contains(number) else {
        throw AugmentationError(
          "\"\(words.joined(separator: " "))\": give \(word.name) a number from \(word.range.lowerBound) to "
            + "\(word.range.upperBound)")
      }
      self[keyPath: word.number] = number
    }
    // Below this, a random number to the power of one over it would leave the range of double precision.
    if mixup > 0 && mixup < 0.03 { throw AugmentationError("\"mixup \(mixup)\": give mixup 0, or 0.03 to 1") }
  }

  /// As `init(parsing:)` reads it.
  public var description: String {
    let off = Augmentation()
    let numbers = Augmentation.words.compactMap { word -> String? in
      let number = self[keyPath: word.number]
      if word.number == \.elasticSmoothness ? elasticStrength == 0 : number == off[keyPath: word.number] { return nil }
      return "\(word.name) \(number)"
    }
    let words = numbers + (flips ? ["flip"] : [])
    return words.isEmpty ? "none" : words.joined(separator: ", ")
  }
}

/// Changes of images that cannot be read.
public struct AugmentationError: Error, CustomStringConvertible {
  /// What is wrong and what to write.
  public let description: String

  init(_ description: String) { self.description = description }
}
