import CKernels

/// One layer, ready to run: what to call on what memory.
struct Step: BitwiseCopyable {
  /// With pointers to what is large, into the plan's tables: that is read anew for every picture, and copies would take as long
  /// as a small layer.
  enum Operation: BitwiseCopyable {
    /// Convolution and dense layers.
    case product(UnsafePointer<Product>)
    /// A 3×3 convolution by Winograd's method.
    case winograd(UnsafePointer<Winograd>)
    case depthwise(UnsafePointer<Depthwise>)
    case pool(Pool)
    case add
    case activate
    /// A flattened copy, where a view does not do.
    case flatten
    case softmax
    /// Any layer of an integer model.
    case integer(IntegerOperation)
    /// A view of what is already there, or a pooling that the convolution before has done.
    case nothing
  }

  var operation: Operation
  var inputs: (Int, Int)
  var output: Int
  var activation: UInt32
  var activationParameter: Float
  /// Too little work to share out: the first thread does it alone, and the others do not wait for it if the next step is of
  /// this kind too.
  var isSolo: Bool

  /// An implicit matrix product; see `dnn_gemm_job`. Positions are in the plan's tables.
  struct Product: BitwiseCopyable {
    var tables: RowTables
    var groups: Int
    /// Input channels of a group.
    var groupDepth: Int
    /// Offsets of a block's rows in the scratch memory, for groups whose columns do not fill whole vectors.
    var blockOffsets: Int?
    /// Output channels of a group, and the same rounded up to whole vectors.
    var columns: Int
    var paddedColumns: Int
    /// Packed into panels, or nil where the tensor is read as it stands in the file.
    var weights: Int?
    var bias: Int
    /// The tensor in the file.
    var tensor: UnsafePointer<Float>?

    /// Rows that such a group computes at a time: whole tiles of every kernel.
    static let block = 36
  }

  /// See kernels.h; positions are in the plan's constants.
  struct Winograd: BitwiseCopyable {
    /// Outputs of a tile, each way: 2 or 4.
    var outputs: Int
    /// Each output pixel is the largest of 2×2 outputs of the tiles.
    var pools: Bool
    /// Tiles that cover one picture.
    var tileRows: Int
    var tileColumns: Int
    /// Input channels, and the same rounded up to whole vectors.
    var depth: Int
    var paddedDepth: Int
    /// Output channels, rounded up.
    var paddedColumns: Int
    var padTop: Int
    var padLeft: Int
    /// Packed matrices, one for each plane.
    var weights: Int
    var bias: Int
    /// As many zeros as padded columns: the bias of the products.
    var zeros: Int
    /// Offsets of a block's rows: of the transformed input, then of the products.
    var rowOffsets: Int

    /// Elements of a transformed tile.
    var planes: Int { (outputs + 2) * (outputs + 2) }

    /// Tiles that go through transformation and products together: enough rows to reuse each plane's weights, few enough
    /// that the planes stay in the cache beside them.
    static let block = 18

    /// Floats that a thread needs: both transformed tensors of a block, and a tile of one vector.
    func scratchSize(lanes: Int) -> Int {
      planes * (Winograd.block * (paddedDepth + paddedColumns) + lanes)
    }
  }

  /// See `dnn_depthwise_job`; positions are in the plan's tables.
  struct Depthwise: BitwiseCopyable {
    var window: Window
    var taps: Int
    var tapOffsets: Int
    /// Channels, rounded up to whole vectors.
    var channels: Int
    var weights: Int
    var bias: Int
  }

  struct Pool: BitwiseCopyable {
    var window: Window
    var isMaximum: Bool
  }
}
