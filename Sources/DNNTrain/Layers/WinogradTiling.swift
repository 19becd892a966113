import MNISTInfer

/// A convolution's outputs in tiles of 4×4, row by row and image by image.
struct WinogradTiling {
  /// Tiles of an image.
  let rows: Int
  let columns: Int
  private let output: Shape

  /// Outputs of a tile in each direction, and the inputs that they depend on.
  static let outputs = 4
  static let inputs = 6
  static let planes = inputs * inputs
  /// Tiles that are computed together: as many as let the planes of 64 channels stay in the second-level cache, and a multiple
  /// of six, the rows of the matrix product's tile.
  static let block = 24

  /// Floats from one plane of a block to the next. A line more than the plane needs: planes a multiple of a power of two apart
  /// would compete for a few sets of the first-level cache.
  static func planeStride(rows: Int, channels: Int) -> Int {
    rows * channels + memoryAlignment / MemoryLayout<Float>.stride
  }

  init(_ output: Shape) {
    self.output = output
    rows = (output.height + WinogradTiling.outputs - 1) / WinogradTiling.outputs
    columns = (output.width + WinogradTiling.outputs - 1) / WinogradTiling.outputs
  }

  /// A tile's image, its first row and column of outputs, and how many of each there are.
  struct Place {
    let image, y, x, height, width: Int
  }

  func place(_ tile: Int) -> Place {
    let (image, index) = tile.quotientAndRemainder(dividingBy: rows * columns)
    let (y, x) = (index / columns * WinogradTiling.outputs, index % columns * WinogradTiling.outputs)
    return Place(
      image: image, y: y, x: x, height: min(WinogradTiling.outputs, output.height - y),
      width: min(WinogradTiling.outputs, output.width - x))
  }

  /// Calls `body` with each block of a shard's tiles.
  func forEachBlock(imageCount: Int, _ body: (Range<Int>) -> Void) {
    let count = imageCount * rows * columns
    for first in stride(from: 0, to: count, by: WinogradTiling.block) {
      body(first..<min(first + WinogradTiling.block, count))
    }
  }

  /// Rows and columns of inputs that the tiles read from the first output's window on.
  private var reach: (height: Int, width: Int) {
    (rows * WinogradTiling.outputs + 2, columns * WinogradTiling.outputs + 2)
  }

  /// Whether a convolution can run by Winograd's method and had better.
  static func suits(_ window: Window, input: Shape, output: Shape) -> Bool {
    guard window.height == 3, window.width == 3, window.strideHeight == 1, window.strideWidth == 1,
      window.dilationHeight == 1, window.dilationWidth == 1, window.groups == 1
    else { return false }
    let cost = ConvolutionCost(depth: input.channels, output: output)
    return cost.winograd(outputs: WinogradTiling.outputs).map { $0 < cost.direct } ?? false
  }

  /// The zeros that the tiles want around input and gradient, where a layer computes by this method.
  static func extend(_ geometry: inout LayerGeometry, _ window: Window, input: Shape) {
    let forward = WinogradTiling(geometry.output).reach
    geometry.inputBorder.bottom = max(geometry.inputBorder.bottom, forward.height - window.padTop - input.height)
    geometry.inputBorder.right = max(geometry.inputBorder.right, forward.width - window.padLeft - input.width)
    // The gradient's window starts at padding - 2.
    let (back, output) = (WinogradTiling(input).reach, geometry.output)
    geometry.gradientBorder.bottom = max(
      geometry.gradientBorder.bottom, back.height + window.padTop - 2 - output.height)
    geometry.gradientBorder.right = max(
      geometry.gradientBorder.right, back.width + window.padLeft - 2 - output.width)
    geometry.isWinograd = true
  }
}
