import CMNISTInfer
import MNISTInfer

/// Runs a C function and checks what the header promises of all of them: a status that it lists; with an error, the status once
/// more and a message.
@discardableResult
func status(_ call: (UnsafeMutablePointer<dnn_error>) -> dnn_status) -> Status? {
  var error = dnn_error()
  let result = call(&error)
  if result == DNN_OK {
    check(error.status == 0, "an error is left alone where there is none")
    return nil
  }
  guard let status = Status(rawValue: Int32(result.rawValue)) else { fatalError("broken: status \(result) is listed") }
  check(error.status == status.rawValue, "the error has the status")
  withUnsafeBytes(of: error.message) { bytes in
    let text = bytes.prefix { $0 != 0 }
    check(!text.isEmpty && text.count < bytes.count, "the message is there and ends")
    check(String(validating: text, as: UTF8.self) != nil, "the message is UTF-8")
    check(text.allSatisfy { $0 >= 0x20 && $0 != 0x7f }, "the message holds no control character")
  }
  return status
}

/// Opens a model that need not be one.
///
/// - Returns: nil, and why not, or the model, which the caller closes.
func open(
  _ call: (UnsafeMutablePointer<OpaquePointer?>, UnsafeMutablePointer<dnn_error>) -> dnn_status
) -> (model: OpaquePointer?, status: Status?) {
  var model = OpaquePointer(bitPattern: 1)
  let status = status { call(&model, $0) }
  check((model == nil) == (status != nil), "there is a model or an error")
  let expected: [Status?] = [nil, .notAModel, .damaged, .unsupported]
  check(expected.contains(status), "opening \(String(describing: status)) is about the file")
  return (model, status)
}

/// Memory of a size with nothing behind it, as the address sanitizer needs it, aligned as a borrowed model must be.
final class Block {
  let bytes: UnsafeMutableRawBufferPointer

  init(_ size: Int) {
    bytes = .allocate(byteCount: size, alignment: memoryAlignment)
    bytes.initializeMemory(as: UInt8.self, repeating: 0)
  }

  convenience init(copying source: UnsafeRawBufferPointer) {
    self.init(source.count)
    bytes.copyMemory(from: source)
  }

  deinit { bytes.deallocate() }
}

/// The model inside the library.
let builtIn = OpenModel(open { modelOpenDefault($0, $1) }.model)

/// A model that stays open, with a session of one thread.
final class OpenModel: @unchecked Sendable {
  let model: OpaquePointer
  let session: OpaquePointer

  init(_ opened: OpaquePointer?) {
    var options = dnn_session_options(struct_size: MemoryLayout<dnn_session_options>.size, threads: 1)
    var session: OpaquePointer?
    guard let opened, status({ sessionOpen(opened, &options, &session, $0) }) == nil, let session else {
      fatalError("a model of the project's own does not open")
    }
    (self.model, self.session) = (opened, session)
  }
}
