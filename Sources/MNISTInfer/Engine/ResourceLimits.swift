/// What a model, its sessions and its pictures may take, beside the limits of the format: a caller that reads files of strangers
/// allows less than one that reads its own.
package struct ResourceLimits: BitwiseCopyable, Sendable {
  /// Bytes of the model's file.
  var file: UInt64 = 1 << 32
  /// Bytes that a session takes, the network laid out to run included. Beyond the default, a system that promises more memory
  /// than it has might end the process instead of saying no.
  var memory: UInt64 = 1 << 32
  /// Pixels of a picture.
  var picture = Picture.maximumPixels

  package init() {}

  func fileFailure(_ size: UInt64) -> Failure {
    Failure(
      .outOfMemory, "the model has \(size) bytes, over the limit of \(file): raise largest_file if it may be that large"
    )
  }

  /// Bytes of a PNG file. Pixels have up to 8 bytes, and a row one more, which one pixel may fill; what does not compress grows
  /// by less than a hundredth; the rest is for texts and profiles.
  var pictureFile: UInt64 { 16 * UInt64(picture) + (1 << 20) }
}
