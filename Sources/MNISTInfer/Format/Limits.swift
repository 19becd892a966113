/// What a file may ask for. A reader rejects more, so that a small file cannot demand a large machine.
///
/// Every limit is far above what a classifier of small images needs and small enough that products of two of them fit 64 bits.
/// Where they need not fit the 32 bits of an `Int` in WebAssembly, they are computed as `Int64`.
package enum Limits {
  package static let sections = 64
  package static let layers = 4096
  package static let tensors = 8192
  /// Rows, columns or channels of a picture, a layer's output or a kernel; also elements of a tensor's dimension.
  package static let dimension = 1 << 24
  /// Rows or columns of a window, a stride, a dilation.
  package static let window = 4096
  /// Elements of one layer's output for one picture: 64 MiB of float32.
  package static let elements = 1 << 24
  /// Elements of one tensor: 16 GiB of float32.
  package static let tensorElements: Int64 = 1 << 32
  /// Multiply-adds, window elements of pools, and elements read by other layers, for one picture: some seconds of one core. For
  /// comparison, VGG-16 takes 1.55 × 10^10 for a picture of 224 × 224 (Simonyan and Zisserman, 2014).
  package static let operations: Int64 = 1 << 34
  /// Channels that are counted as one vector: what is begun counts whole.
  static let vector = 16
  /// Elements of all values for one picture, borders included: what is written, that is. No limit of the format.
  static let writtenElements: Int64 = 1 << 32
  /// What of these this machine takes. With 32 bits, no more than this many weights, filled up to whole vectors, can be used, nor
  /// values made; an integer model lays out up to 4 bytes for each, which 32 bits count as well.
  #if _pointerBitWidth(_64)
    static let machineOperations = operations
  #else
    static let machineOperations: Int64 = 1 << 28
  #endif
  /// Elements that an average pool of an integer model adds up: 255 times as much fits an Int32.
  package static let averagedElements = Int(Int32.max) / 255
  package static let classes = 65_536
  /// Channels of a picture: grey, grey with alpha, RGB, RGBA.
  package static let inputChannels = 4
  /// Bytes of a class label, a key or a value.
  package static let string = 65_535
  /// Entries of provenance or metadata.
  package static let pairs = 4096
  /// Epochs of a training's history.
  package static let epochs = 65_536
  package static let selfTests = 1024
}
