import CKernels

/// One layer, ready to run: what to call on what memory.
struct Step: BitwiseCopyable {
  enum Operation: BitwiseCopyable {
    /// Convolution and dense layers.
    case product(Product)
    case pool(Pool)
    case add
    case activate
    /// A flattened copy, where a view does not do.
    case flatten
    case softmax
    /// A view of what is already there.
    case nothing
  }

  var operation: Operation
  var inputs: (Int, Int)
  var output: Int
  var activation: UInt32
  var activationParameter: Float

  /// An implicit matrix product; see `dnn_gemm_job`. Positions are in the plan's tables.
  struct Product: BitwiseCopyable {
    /// Output pixels of one picture. With one, the rows of the product are the pictures of a chunk.
    var rows: Int
    var rowOffsets: Int
    var outputOffsets: Int
    var taps: Int
    var tapOffsets: Int
    var depth: Int
    var groups: Int
    /// Input channels of a group.
    var groupDepth: Int
    /// Output channels of a group, and the same rounded up to whole vectors.
    var columns: Int
    var paddedColumns: Int
    var weights: Int
    var bias: Int
  }

  struct Pool: BitwiseCopyable {
    var window: Window
    var isMaximum: Bool
  }
}
