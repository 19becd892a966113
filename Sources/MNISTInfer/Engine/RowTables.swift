/// The tables of offsets of an implicit matrix product: where its rows start in the input, what is under the window, and where
/// results go. Positions are in the plan's offsets.
struct RowTables: BitwiseCopyable {
  /// Output pixels of one picture. With one, the rows of the product are the pictures of a chunk.
  var rows: Int
  /// Each output pixel is the largest of four rows of the product.
  var pools: Bool
  var rowOffsets: Int
  var outputOffsets: Int
  var taps: Int
  var tapOffsets: Int
  /// Elements of a tap.
  var depth: Int
  /// Where the next tables start.
  var end: Int
  private var count: Int

  /// `output` is the pooled shape where the product is pooled.
  init(_ window: Window, input: ValueLayout, output: Shape, pools: Bool, chunk: Int, at start: Int) {
    let runs = TapRuns(window, input)
    rows = output.height * output.width
    count = rows == 1 ? chunk : rows
    self.pools = pools
    rowOffsets = start
    outputOffsets = rowOffsets + count * (pools ? 4 : 1)
    taps = runs.count
    depth = runs.depth
    tapOffsets = outputOffsets + count
    end = tapOffsets + taps
  }

  /// Rows of the product for each that is stored.
  var rowsEach: Int { pools ? 4 : 1 }

  func write(_ window: Window, input: ValueLayout, output: ValueLayout, to table: UnsafeMutablePointer<Int32>) {
    // The window's first element for an output of the convolution itself.
    func start(_ y: Int, _ x: Int) -> Int {
      input.pixel(y * window.strideHeight - window.padTop, x * window.strideWidth - window.padLeft)
    }
    for row in 0..<count {
      let (picture, pixel) = rows == 1 ? (row, 0) : (0, row)
      let (y, x) = (pixel / output.shape.width, pixel % output.shape.width)
      table[outputOffsets + row] = Int32(picture * output.size + output.pixel(y, x))
      if !pools {
        table[rowOffsets + row] = Int32(picture * input.size + start(y, x))
        continue
      }
      for corner in 0..<4 {
        table[rowOffsets + 4 * row + corner] = Int32(
          picture * input.size + start(2 * y + corner / 2, 2 * x + corner % 2))
      }
    }
    let runs = TapRuns(window, input)
    for tap in 0..<taps { table[tapOffsets + tap] = Int32(runs.offset(tap)) }
  }
}

/// The elements under a window, as runs of equal length that are contiguous in memory: as long as the layout allows, because
/// each run starts a loop of its own.
struct TapRuns {
  let count: Int
  /// Elements of a run.
  let depth: Int
  private let width: Int
  private let verticalStep: Int
  private let horizontalStep: Int

  init(_ window: Window, _ input: ValueLayout) {
    let channels = input.shape.channels / window.groups
    verticalStep = window.dilationHeight * input.rowStride
    horizontalStep = window.dilationWidth * input.pixelStride
    let rowIsRun = horizontalStep == channels || window.width == 1
    let windowIsRun = rowIsRun && (verticalStep == window.width * channels || window.height == 1)
    if windowIsRun {
      (count, depth, width) = (1, window.height * window.width * channels, 1)
    } else if rowIsRun {
      (count, depth, width) = (window.height, window.width * channels, 1)
    } else {
      (count, depth, width) = (window.height * window.width, channels, window.width)
    }
  }

  /// Floats from the window's first element to that of a run.
  func offset(_ run: Int) -> Int { run / width * verticalStep + run % width * horizontalStep }
}
