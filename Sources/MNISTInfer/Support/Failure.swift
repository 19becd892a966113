import CMNISTInfer

/// Why a call failed: the one error type of the runtime.
public struct Failure: Error {
  /// Which kind of failure.
  public var status: Status
  /// What happened and what to do.
  public var message: Message

  package init(_ status: Status, _ message: Message) {
    self.status = status
    self.message = message
  }

  /// About one layer, or one tensor: the message's beginning, once instead of at every throw.
  @inline(never) init(_ status: Status, layer index: Int, _ message: Message) {
    self.init(status, "layer \(index): \(message)")
  }
  @inline(never) init(_ status: Status, tensor index: Int, _ message: Message) {
    self.init(status, "tensor \(index): \(message)")
  }

  /// What a C function reported.
  package init(_ error: dnn_error) {
    status = Status(rawValue: error.status) ?? .badArgument
    message = withUnsafeBytes(of: error.message) { text in
      guard let start = text.baseAddress else { return "" }
      return "\(start.assumingMemoryBound(to: CChar.self))"
    }
  }

  static var outOfMemory: Failure { Failure(.outOfMemory, "out of memory") }
}

/// The kinds of failure that a caller can tell apart; the numbers are those of `dnn_status`.
public enum Status: Int32, Sendable {
  case badArgument = 1
  case outOfMemory = 2
  case cannotRead = 3
  case notAModel = 10
  case damaged = 11
  case unsupported = 12
  case badPicture = 20
  case nothingToSee = 21
}

#if !hasFeature(Embedded)
  extension Failure: CustomStringConvertible {
    /// The message.
    public var description: String { message.description }
  }
#endif
