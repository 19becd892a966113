import MNISTInfer

/// How one image's values, or their gradients, stand in memory: channels last, with room around and between the pixels.
///
/// A border of zeros takes the place of padding. Zeros between pixels turn the gradient of a strided convolution into a
/// convolution of stride 1. Only real pixels are ever written, so the zeros stay as the workspace was allocated.
struct ValueLayout {
  let shape: Shape
  /// Floats from one position to the next.
  let pixelStride: Int
  let rowStride: Int
  let border: Border
  /// Positions from one real pixel to the next.
  let spacing: Spacing
  /// Floats of one image, border included.
  let size: Int

  struct Border: Equatable {
    var top = 0
    var left = 0
    var bottom = 0
    var right = 0

    /// Wide enough for both.
    func union(_ other: Border) -> Border {
      Border(
        top: max(top, other.top), left: max(left, other.left), bottom: max(bottom, other.bottom),
        right: max(right, other.right))
    }
  }

  struct Spacing: Equatable {
    var rows = 1
    var columns = 1
  }

  /// - Parameters:
  ///   - shape: of the values.
  ///   - pixelStride: at least the shape's channels.
  ///   - border: zeros around the pixels.
  ///   - spacing: 1 for pixels without zeros in between.
  /// - Throws: `ArchitectureError.tooLarge` where offsets into a shard would not fit 32 bits.
  init(_ shape: Shape, pixelStride: Int, border: Border = Border(), spacing: Spacing = Spacing()) throws {
    self.shape = shape
    self.pixelStride = pixelStride
    self.border = border
    self.spacing = spacing
    let width = (shape.width - 1) * spacing.columns + 1 + border.left + border.right
    let height = (shape.height - 1) * spacing.rows + 1 + border.top + border.bottom
    rowStride = width * pixelStride
    guard Double(height) * Double(rowStride) <= Double(ArchitectureLimits.elements) else {
      throw ArchitectureError.tooLarge(what: "the values of one layer", limit: ArchitectureLimits.elements)
    }
    size = roundUp(height * rowStride, to: memoryAlignment / MemoryLayout<Float>.stride)
  }

  /// Floats from the image's start to a real pixel.
  func pixel(_ y: Int, _ x: Int) -> Int { position(y * spacing.rows, x * spacing.columns) }

  /// Floats from the image's start to a position, counted from the first real pixel; it may lie in the border.
  func position(_ y: Int, _ x: Int) -> Int { (y + border.top) * rowStride + (x + border.left) * pixelStride }

  /// Floats from one real pixel to the next in its row.
  var pixelStep: Int { spacing.columns * pixelStride }

  /// Floats from one row of real pixels to the next.
  var rowStep: Int { spacing.rows * rowStride }
}

/// Copies the real pixels of one image between layouts of one shape.
func copyPixels(
  _ source: UnsafePointer<Float>, _ sourceLayout: ValueLayout, to target: UnsafeMutablePointer<Float>,
  _ targetLayout: ValueLayout
) {
  let shape = sourceLayout.shape
  let isRowARun = [sourceLayout, targetLayout].allSatisfy { $0.pixelStep == sourceLayout.pixelStride }
  for y in 0..<shape.height {
    if isRowARun {
      (target + targetLayout.pixel(y, 0)).update(
        from: source + sourceLayout.pixel(y, 0), count: shape.width * sourceLayout.pixelStride)
      continue
    }
    for x in 0..<shape.width {
      (target + targetLayout.pixel(y, x)).update(
        from: source + sourceLayout.pixel(y, x), count: sourceLayout.pixelStride)
    }
  }
}

/// Adds the real pixels of some images to those of others in the same layout. The lanes past the last channel stay as they are:
/// not every layer writes them.
func addPixels(
  _ source: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>, _ layout: ValueLayout, imageCount: Int
) {
  let channels = layout.shape.channels
  for image in 0..<imageCount {
    for y in 0..<layout.shape.height {
      for x in 0..<layout.shape.width {
        let pixel = image * layout.size + layout.pixel(y, x)
        let (from, to) = (source + pixel, target + pixel)
        var channel = 0
        while channel + Vector.scalarCount <= channels {
          (Vector(to + channel) + Vector(from + channel)).store(to + channel)
          channel += Vector.scalarCount
        }
        for rest in channel..<channels { to[rest] += from[rest] }
      }
    }
  }
}
