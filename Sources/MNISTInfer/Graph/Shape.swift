/// Height, width and channels of one picture's values; a vector of n elements is 1 × 1 × n.
public struct Shape: Equatable, Sendable, BitwiseCopyable {
  /// Rows.
  public var height: Int
  /// Columns.
  public var width: Int
  /// Values of a pixel.
  public var channels: Int

  /// An image.
  public init(height: Int, width: Int, channels: Int) {
    self.height = height
    self.width = width
    self.channels = channels
  }

  /// A vector.
  public init(count: Int) { self.init(height: 1, width: 1, channels: count) }

  /// All values.
  public var count: Int { height * width * channels }
}

/// A window that moves over an image: a convolution's kernel or a pooling layer's.
public struct Window: Equatable, Sendable, BitwiseCopyable {
  /// Rows of the window.
  public var height = 1
  /// Columns of the window.
  public var width = 1
  /// Rows from one position to the next.
  public var strideHeight = 1
  /// Columns from one position to the next.
  public var strideWidth = 1
  /// Rows of zeros above the input.
  public var padTop = 0
  /// Columns of zeros left of the input.
  public var padLeft = 0
  /// Rows of zeros below the input.
  public var padBottom = 0
  /// Columns of zeros right of the input.
  public var padRight = 0
  /// Rows of the input from one row of the window to the next.
  public var dilationHeight = 1
  /// Columns of the input from one column of the window to the next.
  public var dilationWidth = 1
  /// For convolution: parts into which input and output channels are cut, each connected to its counterpart only.
  public var groups = 1

  /// One pixel, moved by one.
  public init() {}

  /// A window without padding, dilation or groups.
  public init(height: Int, width: Int, strideHeight: Int = 1, strideWidth: Int = 1) {
    self.height = height
    self.width = width
    self.strideHeight = strideHeight
    self.strideWidth = strideWidth
  }

  /// A window with a single place, which covers all of an input.
  package init(covering input: Shape) { self.init(height: input.height, width: input.width) }

  package init(_ record: WindowRecord) {
    height = Int(clamping: record.height)
    width = Int(clamping: record.width)
    strideHeight = Int(clamping: record.strideHeight)
    strideWidth = Int(clamping: record.strideWidth)
    padTop = Int(clamping: record.padTop)
    padLeft = Int(clamping: record.padLeft)
    padBottom = Int(clamping: record.padBottom)
    padRight = Int(clamping: record.padRight)
    dilationHeight = Int(clamping: record.dilationHeight)
    dilationWidth = Int(clamping: record.dilationWidth)
    groups = Int(clamping: record.groups)
  }

  /// Rows from the first to the last that the window covers.
  package var extentHeight: Int { (height - 1) * dilationHeight + 1 }
  package var extentWidth: Int { (width - 1) * dilationWidth + 1 }

  /// Height and width of the output, or nil where the window does not fit into the padded input. What is left over at the
  /// bottom and right is dropped.
  public func outputSize(_ input: Shape) -> (height: Int, width: Int)? {
    let freeHeight = input.height + padTop + padBottom - extentHeight
    let freeWidth = input.width + padLeft + padRight - extentWidth
    guard freeHeight >= 0, freeWidth >= 0 else { return nil }
    return (freeHeight / strideHeight + 1, freeWidth / strideWidth + 1)
  }

  /// Rows of an input under the window at row `y` of the output, without padding: fewer than `height` where an edge cuts it.
  package func rows(at y: Int, of input: Shape) -> Range<Int> {
    let top = y * strideHeight - padTop
    return max(top, 0)..<min(top + height, input.height)
  }
  /// Columns under the window at column `x` of the output.
  package func columns(at x: Int, of input: Shape) -> Range<Int> {
    let left = x * strideWidth - padLeft
    return max(left, 0)..<min(left + width, input.width)
  }
}
