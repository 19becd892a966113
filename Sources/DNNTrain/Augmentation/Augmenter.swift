import Glibc
import MNISTInfer

/// Changes images of one shape. Has scratch memory; each thread has its own.
final class Augmenter {
  private let augmentation: Augmentation
  private let shape: Shape
  private let field: DisplacementField?
  private let strokeWidth: StrokeWidth?

  /// - Throws: `Failure` if memory runs out.
  init(_ augmentation: Augmentation, shape: Shape) throws {
    self.augmentation = augmentation
    self.shape = shape
    field =
      augmentation.elasticStrength > 0
      ? try DisplacementField(
        height: shape.height, width: shape.width, smoothness: augmentation.elasticSmoothness) : nil
    strokeWidth = augmentation.stroke > 0 ? try StrokeWidth(shape: shape) : nil
  }

  /// Writes a changed copy of an image.
  ///
  /// - Parameters:
  ///   - source: 8 bits a channel, of the shape.
  ///   - target: room for as much, elsewhere.
  ///   - key: decides the changes.
  func change(_ source: UnsafePointer<UInt8>, into target: UnsafeMutablePointer<UInt8>, _ key: RandomKey) {
    var generator = RandomGenerator(key.stream(0))
    if augmentation.moves {
      let map = AffineMap(augmentation, shape, &generator)
      field?.draw(key.stream(1), strength: augmentation.elasticStrength)
      resample(source, into: target, map)
    } else {
      target.update(from: source, count: shape.count)
    }
    if let strokeWidth {
      var generator = RandomGenerator(key.stream(2))
      strokeWidth.change(target, by: generator.symmetricUnit() * augmentation.stroke)
    }
    if augmentation.erasing > 0 { erase(target, &generator) }
  }

  /// Bilinear. What would come from outside the image comes from the nearest pixel of its edge: a digit's surroundings go on
  /// dark, a photograph's go on as they were.
  private func resample(
    _ source: UnsafePointer<UInt8>, into target: UnsafeMutablePointer<UInt8>, _ map: AffineMap
  ) {
    let (bottom, right) = (Float(shape.height - 1), Float(shape.width - 1))
    let pixelSize = shape.channels
    for y in 0..<shape.height {
      for x in 0..<shape.width {
        var place = map.source(ofRow: Float(y), column: Float(x))
        if let field {
          place.row += field.rows[y * field.stride + x]
          place.column += field.columns[y * field.stride + x]
        }
        let (row, column) = (min(max(place.row, 0), bottom), min(max(place.column, 0), right))
        let (top, left) = (Int(row), Int(column))
        let corner = source + (top &* shape.width &+ left) &* pixelSize
        let corners = (
          corner, right: left &+ 1 < shape.width ? pixelSize : 0,
          below: top &+ 1 < shape.height ? shape.width &* pixelSize : 0
        )
        interpolate(
          corners, over: column - Float(left), down: row - Float(top),
          into: target + (y &* shape.width &+ x) &* pixelSize)
      }
    }
  }

  /// One pixel between four.
  @inline(__always) private func interpolate(
    _ corners: (UnsafePointer<UInt8>, right: Int, below: Int), over: Float, down: Float,
    into pixel: UnsafeMutablePointer<UInt8>
  ) {
    for channel in 0..<shape.channels {
      let corner = corners.0 + channel
      let (a, b) = (Float(corner[0]), Float(corner[corners.right]))
      let (c, d) = (Float(corner[corners.below]), Float(corner[corners.below &+ corners.right]))
      let (upper, lower) = (a + over * (b - a), c + over * (d - c))
      // Between 0 and 255, and so without the check of a conversion from float.
      pixel[channel] = UInt8(truncatingIfNeeded: Int32(upper + down * (lower - upper) + 0.5))
    }
  }

  /// The areas and aspects are those of the paper; a rectangle that does not fit is drawn again, some times.
  private func erase(_ image: UnsafeMutablePointer<UInt8>, _ generator: inout RandomGenerator) {
    guard generator.unit() < augmentation.erasing else { return }
    for _ in 0..<Augmenter.erasingAttempts {
      let area = Float(shape.height * shape.width) * (0.02 + (0.4 - 0.02) * generator.unit())
      let aspect = 0.3 + (1 / 0.3 - 0.3) * generator.unit()
      let (height, width) = (Int((area * aspect).squareRoot()), Int((area / aspect).squareRoot()))
      guard (1...shape.height).contains(height), (1...shape.width).contains(width) else { continue }
      let top = generator.index(below: shape.height - height + 1)
      let left = generator.index(below: shape.width - width + 1)
      for y in top..<top + height {
        let start = image + (y * shape.width + left) * shape.channels
        for element in 0..<width * shape.channels { start[element] = UInt8(generator.index(below: 256)) }
      }
      return
    }
  }

  private static let erasingAttempts = 10
}

/// Where in the image each pixel of the changed one comes from: rotation, shear, scale and mirror about the centre, and a shift.
struct AffineMap {
  private let matrix: (xx: Float, xy: Float, yx: Float, yy: Float)
  private let centre: (row: Float, column: Float)
  private let shift: (row: Float, column: Float)

  /// Draws a map; always as many random numbers, so that one setting does not change what another draws.
  init(_ augmentation: Augmentation, _ shape: Shape, _ generator: inout RandomGenerator) {
    centre = (Float(shape.height - 1) / 2, Float(shape.width - 1) / 2)
    let angle = generator.symmetricUnit() * augmentation.rotation * .pi / 180
    let lean = tan(generator.symmetricUnit() * augmentation.shear * .pi / 180)
    let factor = 1 / (1 + generator.symmetricUnit() * augmentation.scale)
    shift = (generator.symmetricUnit() * augmentation.shift, generator.symmetricUnit() * augmentation.shift)
    let isMirrored = generator.unit() < 0.5 && augmentation.flips
    let (sine, cosine) = (sin(angle), cos(angle))
    // Rotation times the shear [1 lean; 0 1], and the mirror on the columns.
    let side: Float = isMirrored ? -factor : factor
    matrix = (
      xx: side * cosine, xy: factor * (cosine * lean - sine), yx: side * sine, yy: factor * (sine * lean + cosine)
    )
  }

  @inline(__always) func source(ofRow row: Float, column: Float) -> (row: Float, column: Float) {
    let (y, x) = (row - centre.row - shift.row, column - centre.column - shift.column)
    return (matrix.yx * x + matrix.yy * y + centre.row, matrix.xx * x + matrix.xy * y + centre.column)
  }
}
