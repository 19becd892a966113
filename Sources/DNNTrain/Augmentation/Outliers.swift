import MNISTInfer

/// Makes images of no class out of training images and with a pen. Where training asks for an even answer to them, the network
/// learns to be unsure of much else that it was never shown (Hendrycks, Mazeika, Dietterich: Deep anomaly detection with outlier
/// exposure, 2019).
///
/// A third are training images turned by a quarter, which suits classes that are none any more when they lie on their side; a
/// third are random strokes, and a third rounded ones. An image that is not square cannot be turned.
struct Outliers {
  /// How likely an image is replaced.
  let share: Float
  let shape: Shape

  private enum Kind: CaseIterable { case turned, strokes, roundedStrokes }

  /// Whether an image is replaced.
  func takePlace(_ key: RandomKey) -> Bool {
    var generator = RandomGenerator(key)
    return generator.unit() < share
  }

  /// Writes an image of no class.
  ///
  /// - Parameters:
  ///   - image: of the shape; what may be turned.
  ///   - target: room for as much, elsewhere.
  ///   - key: decides everything.
  func make(
    from image: UnsafePointer<UInt8>, into target: UnsafeMutablePointer<UInt8>, _ key: RandomKey
  ) {
    var generator = RandomGenerator(key)
    let kinds = shape.height == shape.width ? Kind.allCases : [.strokes, .roundedStrokes]
    let kind = kinds[generator.index(below: kinds.count)]
    if kind == .turned {
      turn(image, into: target, mirrors: generator.index(below: 4))
    } else {
      Scribble(shape: shape, isRounded: kind == .roundedStrokes).draw(into: target, &generator)
    }
  }

  /// Rows become columns, from either end (a bit each of `mirrors`): turned to one side or the other, as it is or mirrored.
  private func turn(
    _ image: UnsafePointer<UInt8>, into target: UnsafeMutablePointer<UInt8>, mirrors: Int
  ) {
    let (side, channels) = (shape.width, shape.channels)
    for y in 0..<side {
      for x in 0..<side {
        let row = mirrors & 2 == 0 ? x : side - 1 - x
        let column = mirrors & 1 == 0 ? y : side - 1 - y
        (target + (y * side + x) * channels).update(from: image + (row * side + column) * channels, count: channels)
      }
    }
  }
}
