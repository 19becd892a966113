/// Where one value stands in a session's arena.
///
/// Channels last. A border around the picture, zero while a convolution reads it, takes the place of padding, so that kernels
/// need no special case at an edge.
struct ValueLayout: BitwiseCopyable {
  var shape: Shape
  /// Elements (floats, or bytes of an integer model) from one pixel to the next: the channels, in a float model rounded up to
  /// whole vectors wherever vectors read or write them.
  var pixelStride = 0
  var rowStride = 0
  var border = Border()
  /// Elements of one picture, border included.
  var size = 0
  /// Start in the arena, in elements for each picture of a chunk: picture i stands at offset * chunk + i * size.
  var offset = 0
  /// The value that this one is another view of (a flattened picture), or nil if it has its own memory.
  var viewOf: Int?

  struct Border: BitwiseCopyable {
    var top = 0
    var left = 0
    var bottom = 0
    var right = 0

    var isEmpty: Bool { top == 0 && left == 0 && bottom == 0 && right == 0 }

    mutating func cover(_ other: Border) {
      top = max(top, other.top)
      left = max(left, other.left)
      bottom = max(bottom, other.bottom)
      right = max(right, other.right)
    }

    mutating func cover(_ window: Window) {
      cover(Border(top: window.padTop, left: window.padLeft, bottom: window.padBottom, right: window.padRight))
    }
  }

  init(_ shape: Shape) { self.shape = shape }

  /// Derives strides and size once border and pixel stride are known.
  mutating func finish(elementSize: Int) throws(Failure) {
    let width = shape.width + border.left + border.right
    let height = shape.height + border.top + border.bottom
    let (rowStride, rowIsTooLong) = width.multipliedReportingOverflow(by: pixelStride)
    let (size, overflow) = height.multipliedReportingOverflow(by: rowStride)
    // Offsets into an arena are 32-bit; a picture of 2^27 floats leaves room for several and for their chunk.
    guard !rowIsTooLong, !overflow, size <= 1 << 27 else {
      throw Failure(.outOfMemory, "a layer's output takes over 512 MiB")
    }
    self.rowStride = rowStride
    // Integer kernels read bytes by fours.
    self.size = roundUp(size + (elementSize == 1 ? 3 : 0), to: memoryAlignment / elementSize)
  }

  /// Elements from the start of a picture to a pixel, which may lie in the border. Cannot overflow: see `finish`.
  func pixel(_ y: Int, _ x: Int) -> Int { (y &+ border.top) &* rowStride &+ (x &+ border.left) &* pixelStride }
}

extension Buffer where Value == ValueLayout {
  /// Where a value's elements stand: behind a view, those of the picture that it flattens.
  func memory(ofValue value: Int) -> ValueLayout { self[self[value].viewOf ?? value] }
}
