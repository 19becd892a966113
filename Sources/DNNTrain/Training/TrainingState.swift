import DNNModel
import MNISTInfer

/// What a checkpoint holds besides the model: all that the next step depends on.
///
/// In the file's section for it, little-endian: the version, settings, position, and the trainer's buffers as they stand in
/// memory, padding included. The layout in memory depends on the instruction set, which is one of the settings.
struct TrainingState {
  /// What decides the result, by name: a training goes on only with the same.
  var settings: [String: String]
  var position: TrainingPosition
  /// Weights, the optimizer's state, the weights' average, and the weights to keep.
  var buffers: [[Float]]

  private static let version: UInt32 = 3

  init(settings: [String: String], position: TrainingPosition, buffers: [[Float]]) {
    (self.settings, self.position, self.buffers) = (settings, position, buffers)
  }

  var encoded: [UInt8] {
    var bytes: [UInt8] = []
    func append<Integer: FixedWidthInteger>(_ value: Integer) {
      withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }
    append(TrainingState.version)
    append(UInt32(settings.count))
    for (key, value) in settings.sorted(by: { $0.key < $1.key }) {
      for text in [key, value] {
        append(UInt32(text.utf8.count))
        bytes += text.utf8
      }
    }
    for number in [
      position.epoch, position.imagesDone, position.seen.labelled, position.seen.hits, position.step,
      position.bestEpoch,
    ] {
      append(Int64(number))
    }
    for number in [position.seen.loss, position.bestAccuracy, position.keptAccuracy ?? -1] { append(number.bitPattern) }
    append(UInt32(buffers.count))
    for buffer in buffers {
      append(UInt64(buffer.count))
      for value in buffer { append(value.bitPattern) }
    }
    return bytes
  }

  /// - Throws: `CheckpointError` for bytes that are none of this.
  init(decoding bytes: [UInt8]) throws {
    var reader = Reader(rest: bytes[...])
    guard try reader.integer(UInt32.self) == TrainingState.version else { throw CheckpointError.unknownVersion }
    settings = [:]
    for _ in 0..<(try reader.integer(UInt32.self)) {
      let key = try reader.text()
      settings[key] = try reader.text()
    }
    position = TrainingPosition()
    position.epoch = try reader.count()
    position.imagesDone = try reader.count()
    position.seen.labelled = try reader.count()
    position.seen.hits = try reader.count()
    position.step = try reader.count()
    position.bestEpoch = try reader.count()
    position.seen.loss = Double(bitPattern: try reader.integer(UInt64.self))
    position.bestAccuracy = Double(bitPattern: try reader.integer(UInt64.self))
    let keptAccuracy = Double(bitPattern: try reader.integer(UInt64.self))
    position.keptAccuracy = keptAccuracy >= 0 ? keptAccuracy : nil
    buffers = []
    for _ in 0..<(try reader.integer(UInt32.self)) { buffers.append(try reader.floats()) }
    guard reader.rest.isEmpty else { throw CheckpointError.damaged }
  }

  private struct Reader {
    var rest: ArraySlice<UInt8>

    mutating func integer<Integer: FixedWidthInteger>(_: Integer.Type) throws -> Integer {
      let bytes = try take(MemoryLayout<Integer>.size)
      return bytes.reversed().reduce(0) { $0 << 8 | Integer(truncatingIfNeeded: $1) }
    }

    /// A number that a training can have counted to.
    mutating func count() throws -> Int {
      let value = try integer(Int64.self)
      guard value >= 0, value < 1 << 48 else { throw CheckpointError.damaged }
      return Int(value)
    }

    mutating func text() throws -> String { String(decoding: try take(Int(integer(UInt32.self))), as: UTF8.self) }

    mutating func floats() throws -> [Float] {
      let count = try count()
      return try take(4 * count).withUnsafeBytes { bytes in
        (0..<count).map { index in
          Float(bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self)))
        }
      }
    }

    private mutating func take(_ count: Int) throws -> ArraySlice<UInt8> {
      guard count <= rest.count else { throw CheckpointError.damaged }
      defer { rest = rest.dropFirst(count) }
      return rest.prefix(count)
    }
  }
}

/// Why a training cannot go on from a checkpoint.
public enum CheckpointError: Error, Equatable, CustomStringConvertible {
  /// The file is a model without a state of training.
  case noState
  /// The state was written by another version.
  case unknownVersion
  /// The state contradicts itself.
  case damaged
  /// A setting is another one now; nil where it was or is not there.
  case differs(setting: String, before: String?, now: String?)

  /// What is wrong and what to do.
  public var description: String {
    switch self {
    case .noState: "this model holds no state of training: give the checkpoint that dnn-train wrote"
    case .unknownVersion:
      "its state of training is of another version of dnn-train: go on with that one, or start again"
    case .damaged: "its state of training is damaged: start again without --resume"
    case .differs(let setting, let before, let now):
      "it was made with \(setting) \(before ?? "not set"), which now is \(now ?? "not set"): "
        + "give the same options and data, or start again without --resume"
    }
  }
}
