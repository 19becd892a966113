import MNISTInfer

/// A picture to draw on, in red, green and blue.
struct Canvas {
  typealias Colour = (red: UInt8, green: UInt8, blue: UInt8)

  let width: Int
  let height: Int
  /// 8 bits a channel, row-major, channels last.
  private(set) var pixels: [UInt8]

  /// White.
  init(width: Int, height: Int) {
    self.width = width
    self.height = height
    pixels = [UInt8](repeating: 255, count: 3 * width * height)
  }

  /// Fills a rectangle, of which all must be on the canvas.
  mutating func fill(x: Int, y: Int, width: Int, height: Int, _ colour: Colour) {
    for row in y..<y + height {
      for column in x..<x + width {
        let start = 3 * (row * self.width + column)
        (pixels[start], pixels[start + 1], pixels[start + 2]) = colour
      }
    }
  }

  /// Draws an image of one or three channels, each pixel as a square; of other images the first channel, in grey.
  mutating func draw(_ image: ArraySlice<UInt8>, _ shape: Shape, x: Int, y: Int, scale: Int) {
    for row in 0..<shape.height {
      for column in 0..<shape.width {
        let start = image.startIndex + (row * shape.width + column) * shape.channels
        let others = shape.channels == 3 ? (image[start + 1], image[start + 2]) : (image[start], image[start])
        let colour = (image[start], others.0, others.1)
        fill(x: x + column * scale, y: y + row * scale, width: scale, height: scale, colour)
      }
    }
  }

  /// Writes text whose upper left corner is given; what would leave the canvas on the right is cut off.
  mutating func write(_ text: String, x: Int, y: Int, scale: Int, _ colour: Colour) {
    for (index, character) in text.enumerated() {
      let left = x + index * Canvas.advance * scale
      guard left + BitmapFont.width * scale <= width else { return }
      for row in 0..<BitmapFont.height {
        for column in 0..<BitmapFont.width where BitmapFont.isInk(character, x: column, y: row) {
          fill(x: left + column * scale, y: y + row * scale, width: scale, height: scale, colour)
        }
      }
    }
  }

  /// From one letter to the next, at scale 1.
  static let advance = BitmapFont.width + 1
}
