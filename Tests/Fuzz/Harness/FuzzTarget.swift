import TestSupport

/// One thing that reads bytes from outside.
struct FuzzTarget: Sendable {
  let name: String
  /// Inputs to start from, made by the project's own writers.
  let seeds: @Sendable () throws -> [[UInt8]]
  /// A change that keeps the format's outer structure right; nil where there is none, or nothing to keep.
  var mutate: (@Sendable (_ input: [UInt8], inout Random) -> [UInt8]?)?
  /// Reads an input, and checks what was promised of the result. May throw what the reader throws.
  let run: @Sendable (UnsafeRawBufferPointer) throws -> Void

  static let all = [
    model, inference, rewriting, quantizing, picture, pixels, idx, csv, architecture, settings, checkpoint,
  ]
}
