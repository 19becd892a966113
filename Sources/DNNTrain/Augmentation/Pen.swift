import MNISTInfer

/// A point with x to the right and y down.
typealias Point = SIMD2<Float>

/// A round pen with light ink on a dark ground.
struct Pen {
  /// Pixels.
  let halfWidth: Float
  /// Of the ink: 0 to 255.
  let brightness: Float

  /// Draws lines from point to point, with round ends and corners.
  ///
  /// - Parameters:
  ///   - strokes: points in pixels, the centre of the first pixel at 0.
  ///   - image: of the shape; all of it is written.
  ///   - shape: the image's.
  func draw(_ strokes: [[Point]], into image: UnsafeMutablePointer<UInt8>, _ shape: Shape) {
    for y in 0..<shape.height {
      for x in 0..<shape.width {
        let nearest = strokes.reduce(Float.infinity) { min($0, distance([Float(x), Float(y)], $1)) }
        // From full inside the stroke to nothing one pixel further.
        let share = min(max(halfWidth + 0.5 - nearest, 0), 1)
        let pixel = image + (y * shape.width + x) * shape.channels
        pixel.update(repeating: UInt8(share * brightness), count: shape.channels)
      }
    }
  }

  /// From a point to the nearest of a stroke's segments.
  private func distance(_ point: Point, _ stroke: [Point]) -> Float {
    zip(stroke, stroke.dropFirst()).reduce(Float.infinity) { nearest, segment in
      let (along, offset) = (segment.1 - segment.0, point - segment.0)
      let length = (along * along).sum()
      let share = length > 0 ? min(max((along * offset).sum() / length, 0), 1) : 0
      let difference = offset - share * along
      return min(nearest, (difference * difference).sum().squareRoot())
    }
  }
}
