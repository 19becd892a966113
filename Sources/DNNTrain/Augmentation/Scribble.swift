import MNISTInfer

/// A few random strokes of a pen, light on dark, as wide and as large as those of MNIST's digits.
struct Scribble {
  /// Of the image.
  let shape: Shape
  /// Whether corners are cut, so that strokes look like written ones.
  let isRounded: Bool

  /// Draws strokes; all of the image is written.
  func draw(into image: UnsafeMutablePointer<UInt8>, _ generator: inout RandomGenerator) {
    let strokes = placed(strokes(&generator))
    Pen(halfWidth: Scribble.halfWidth + 0.4 * generator.symmetricUnit(), brightness: 255)
      .draw(strokes, into: image, shape)
  }

  /// Pixels of an image of 28: about the mean of MNIST's strokes.
  private static let halfWidth: Float = 1.3

  /// One to three strokes of two to five points in a box of random width, every fourth closed. One alone has more points: with
  /// few it would often be a digit, most of all a rounded one.
  private func strokes(_ generator: inout RandomGenerator) -> [[Point]] {
    let count = 1 + generator.index(below: 3)
    let box: Point = [0.4 + 0.6 * generator.unit(), 1]
    let fewest = count > 1 ? 2 : isRounded ? 5 : 3
    return (0..<count).map { _ in
      let points = fewest + generator.index(below: 4)
      var stroke = (0..<points).map { _ in box * [generator.unit(), generator.unit()] }
      if points > 2 && generator.unit() < 0.25 { stroke.append(stroke[0]) }
      return isRounded ? Scribble.cuttingCorners(Scribble.cuttingCorners(stroke)) : stroke
    }
  }

  /// Cuts off a quarter of each line at either end, but for the ends of the stroke (Chaikin: An algorithm for high-speed curve
  /// generation, 1974).
  private static func cuttingCorners(_ stroke: [Point]) -> [Point] {
    guard let first = stroke.first, let last = stroke.last, stroke.count > 2 else { return stroke }
    var points: [Point] = []
    for (a, b) in zip(stroke, stroke.dropFirst()) { points += [0.75 * a + 0.25 * b, 0.25 * a + 0.75 * b] }
    if first == last { return points + [points[0]] }
    return [first] + points.dropFirst().dropLast() + [last]
  }

  /// As MNIST's digits are: the longer side takes 20 of 28 pixels, and the centre of mass is in the middle.
  private func placed(_ strokes: [[Point]]) -> [[Point]] {
    let all = strokes.joined()
    let low = all.reduce(Point(repeating: .infinity)) { pointwiseMin($0, $1) }
    let high = all.reduce(Point(repeating: -.infinity)) { pointwiseMax($0, $1) }
    let side = Float(min(shape.height, shape.width)) * 20 / 28 - 2 * Scribble.halfWidth
    // Three random points or more are hardly ever one.
    let scale = side / max((high - low).max(), 0.01)
    let middle: Point = [Float(shape.width - 1) / 2, Float(shape.height - 1) / 2]
    let offset = middle - scale * Scribble.centreOfMass(strokes)
    return strokes.map { $0.map { offset + scale * $0 } }
  }

  private static func centreOfMass(_ strokes: [[Point]]) -> Point {
    var (mass, sum): (Float, Point) = (0, .zero)
    for stroke in strokes {
      for (a, b) in zip(stroke, stroke.dropFirst()) {
        let length = ((b - a) * (b - a)).sum().squareRoot()
        mass += length
        sum += length * (a + b) / 2
      }
    }
    return mass > 0 ? sum / mass : strokes[0][0]
  }
}
