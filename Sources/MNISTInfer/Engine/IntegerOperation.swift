/// What a step of an integer model computes. The file format's specification defines the arithmetic, bit for bit.
enum IntegerOperation: BitwiseCopyable {
  /// Convolution and dense layers.
  case product(UnsafePointer<Product>)
  case maxPool(Window)
  case averagePool(Window)
  case add(Sum)
  /// An activation: 256 results, one for each input.
  case table(UnsafePointer<UInt8>)
  case flatten
  case softmax(Softmax)

  /// An implicit matrix product; see `dnn_integer_gemm_job`. Positions are in the plan's integers.
  struct Product: BitwiseCopyable {
    var tables: RowTables
    var groups: Int
    /// Input channels of a group.
    var groupDepth: Int
    /// Output channels of a group, and the same rounded up to whole vectors.
    var columns: Int
    var paddedColumns: Int
    /// Packed, for each group panel by panel.
    var weights: Int
    /// Integers of one group's packed weights.
    var groupSize: Int
    /// The bias with the input's zero point in it, and the multipliers: padded columns for each group.
    var bias: Int
    var multipliers: Int
    var shift: Int
    var lower: Int
    var upper: Int
    /// The result is the 32-bit logits that softmax reads.
    var writesLogits: Bool
  }

  /// See `dnn_integer_add_job`.
  struct Sum: BitwiseCopyable {
    var first: Int32
    var second: Int32
    var shift: Int
    var lower: Int
    var upper: Int
  }

  struct Softmax: BitwiseCopyable {
    /// From differences of logits to powers of two.
    var factor: FixedPoint
    var readsLogits: Bool
  }
}
