import MNISTInfer

/// Makes the strokes of light ink on a dark ground wider or narrower, by morphology of grey levels with the cross of a pixel and
/// its four neighbours (Serra: Image Analysis and Mathematical Morphology, 1982, chapter 12).
///
/// A step of a whole pixel moves each edge by one: dilation takes the lightest of the five, erosion the darkest. Of a step of a
/// part t of a pixel, a pixel gets that share: (1 - t) × before + t × after. Has scratch memory.
final class StrokeWidth {
  private let shape: Shape
  private let stepped: Buffer<UInt8>
  private let opened: Buffer<UInt8>

  /// - Throws: `Failure` if memory runs out.
  init(shape: Shape) throws {
    self.shape = shape
    stepped = try Buffer(count: shape.count)
    opened = try Buffer(count: shape.count)
  }

  /// Changes an image.
  ///
  /// - Parameters:
  ///   - image: of the shape; each channel is changed by itself.
  ///   - amount: pixels by which edges move out, or in where it is negative.
  func change(_ image: UnsafeMutablePointer<UInt8>, by amount: Float) {
    var rest = abs(amount)
    while rest > 0 {
      if amount > 0 { extend(image, into: stepped.start, max) } else { narrow(image) }
      blend(stepped.start, share: min(rest, 1), into: image)
      rest -= 1
    }
  }

  /// Erosion, but for what is too thin for it: a stroke that opening takes away, erosion and then dilation, stays as it is.
  private func narrow(_ image: UnsafePointer<UInt8>) {
    extend(image, into: stepped.start, min)
    extend(stepped.start, into: opened.start, max)
    // Opening never makes a pixel lighter.
    for index in 0..<shape.count { stepped[index] = max(stepped[index], image[index] - opened[index]) }
  }

  /// The most extreme of each pixel and its neighbours; beyond the image there are none.
  @inline(__always) private func extend(
    _ source: UnsafePointer<UInt8>, into target: UnsafeMutablePointer<UInt8>, _ choose: (UInt8, UInt8) -> UInt8
  ) {
    let (across, down) = (shape.channels, shape.width * shape.channels)
    for start in stride(from: 0, to: shape.count, by: down) {
      let (up, below) = (start == 0 ? 0 : down, start + down == shape.count ? 0 : down)
      for index in start..<start + down {
        let left = index - start < across ? index : index - across
        let right = index - start + across >= down ? index : index + across
        let beside = choose(source[left], source[right])
        let above = choose(source[index - up], source[index + below])
        target[index] = choose(source[index], choose(beside, above))
      }
    }
  }

  private func blend(_ other: UnsafePointer<UInt8>, share: Float, into image: UnsafeMutablePointer<UInt8>) {
    for index in 0..<shape.count {
      let (a, b) = (Float(image[index]), Float(other[index]))
      image[index] = UInt8(truncatingIfNeeded: Int32(a + share * (b - a) + 0.5))
    }
  }
}
