/// Height, width and channels of one picture's values; a vector of n elements is 1 × 1 × n.
public struct Shape: Equatable, Sendable, BitwiseCopyable {
  public var height: Int
  public var width: Int
  public var channels: Int

  public init(height: Int, width: Int, channels: Int) {
    self.height = height
    self.width = width
    self.channels = channels
  }

  /// A vector.
  public init(count: Int) { self.init(height: 1, width: 1, channels: count) }

  public var count: Int { height * width * channels }
}

/// A window that moves over an image: a convolution's kernel or a pooling layer's.
package struct Window: Equatable, Sendable, BitwiseCopyable {
  package var height = 1
  package var width = 1
  package var strideHeight = 1
  package var strideWidth = 1
  package var padTop = 0
  package var padLeft = 0
  package var padBottom = 0
  package var padRight = 0
  package var dilationHeight = 1
  package var dilationWidth = 1
  package var groups = 1

  package init() {}

  package init(_ record: WindowRecord) {
    height = Int(record.height)
    width = Int(record.width)
    strideHeight = Int(record.strideHeight)
    strideWidth = Int(record.strideWidth)
    padTop = Int(record.padTop)
    padLeft = Int(record.padLeft)
    padBottom = Int(record.padBottom)
    padRight = Int(record.padRight)
    dilationHeight = Int(record.dilationHeight)
    dilationWidth = Int(record.dilationWidth)
    groups = Int(record.groups)
  }

  /// Rows from the first to the last that the window covers.
  package var extentHeight: Int { (height - 1) * dilationHeight + 1 }
  package var extentWidth: Int { (width - 1) * dilationWidth + 1 }

  /// Height and width of the output, or nil where the window does not fit into the padded input. What is left over at the
  /// bottom and right is dropped.
  package func outputSize(_ input: Shape) -> (height: Int, width: Int)? {
    let freeHeight = input.height + padTop + padBottom - extentHeight
    let freeWidth = input.width + padLeft + padRight - extentWidth
    guard freeHeight >= 0, freeWidth >= 0 else { return nil }
    return (freeHeight / strideHeight + 1, freeWidth / strideWidth + 1)
  }
}
