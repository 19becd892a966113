import Glibc
import MNISTInfer

/// Digits drawn with random strokes, 28×28, light on dark: data that are always there, for a first try and for tests.
enum SyntheticDigits {
  static let shape = Shape(height: 28, width: 28, channels: 1)

  /// Draws images; the same seed draws the same ones.
  static func draw(count: Int, seed: UInt64) -> Dataset {
    var images = [UInt8](repeating: 0, count: count * shape.count)
    var labels: [Int] = []
    for image in 0..<count {
      var generator = RandomGenerator(RandomKey(seed: seed).stream(image))
      let label = generator.index(below: strokes.count)
      labels.append(label)
      draw(strokes[label], into: &images, at: image * shape.count, &generator)
    }
    return Dataset(shape: shape, images: images, labels: labels)
  }

  /// Points in a box of 1 × 1, x to the right and y down.
  private typealias Stroke = [Point]

  private static let strokes: [[Stroke]] = [
    [ellipse([0.5, 0.5], [0.3, 0.44])],
    [[[0.35, 0.22], [0.55, 0.06], [0.55, 0.94]]],
    [
      [
        [0.2, 0.28], [0.28, 0.12], [0.5, 0.05], [0.72, 0.13], [0.76, 0.32], [0.6, 0.55], [0.2, 0.94], [0.82, 0.94],
      ]
    ],
    [
      [
        [0.22, 0.13], [0.5, 0.05], [0.73, 0.16], [0.72, 0.35], [0.48, 0.47], [0.76, 0.6], [0.75, 0.82], [0.5, 0.95],
        [0.2, 0.86],
      ]
    ],
    [[[0.5, 0.06], [0.18, 0.62], [0.84, 0.62]], [[0.64, 0.35], [0.62, 0.95]]],
    [
      [
        [0.76, 0.06], [0.3, 0.06], [0.26, 0.45], [0.55, 0.4], [0.76, 0.54], [0.76, 0.78], [0.54, 0.95], [0.22, 0.88],
      ]
    ],
    [six],
    [[[0.2, 0.08], [0.8, 0.08], [0.45, 0.95]]],
    [ellipse([0.5, 0.27], [0.21, 0.21]), ellipse([0.5, 0.71], [0.26, 0.23])],
    [six.map { 1 - $0 }],
  ]

  private static let six: Stroke = [
    [0.68, 0.06], [0.42, 0.24], [0.26, 0.6], [0.3, 0.84], [0.5, 0.95], [0.72, 0.85], [0.75, 0.66], [0.55, 0.52],
    [0.29, 0.64],
  ]

  private static func ellipse(_ centre: Point, _ radii: Point) -> Stroke {
    (0...12).map { step in
      let angle = Float(step) * .pi / 6
      return centre + radii * [sin(angle), cos(angle)]
    }
  }

  /// Every point is moved a little; then the digit is turned, leaned, scaled and put somewhere near the middle.
  private static func draw(
    _ strokes: [Stroke], into images: inout [UInt8], at start: Int, _ generator: inout RandomGenerator
  ) {
    let (angle, lean) = (0.15 * generator.symmetricUnit(), 0.2 * generator.symmetricUnit())
    let size: Point = [14 + 3 * generator.symmetricUnit(), 19 + 2 * generator.symmetricUnit()]
    let centre: Point = [13.5 + 2 * generator.symmetricUnit(), 13.5 + 2 * generator.symmetricUnit()]
    let (halfWidth, brightness) = (1.2 + 0.5 * generator.symmetricUnit(), 215 + 40 * generator.symmetricUnit())
    let placed = strokes.map { stroke in
      stroke.map { point in
        let jitter: Point = [generator.symmetricUnit(), generator.symmetricUnit()]
        let p = (point + 0.03 * jitter - 0.5) * size
        let leaned: Point = [p.x - lean * p.y, p.y]
        return centre + [cos(angle) * leaned.x - sin(angle) * leaned.y, sin(angle) * leaned.x + cos(angle) * leaned.y]
      }
    }
    let pen = Pen(halfWidth: halfWidth, brightness: brightness)
    images.withUnsafeMutableBufferPointer { images in
      if let first = images.baseAddress { pen.draw(placed, into: first + start, shape) }
    }
  }
}
