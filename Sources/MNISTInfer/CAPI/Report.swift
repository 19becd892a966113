import CMNISTInfer

/// Runs the body of a C function; tells the caller of a failure by status and, if it gave a place for it, by message.
func report(_ error: UnsafeMutablePointer<dnn_error>?, _ body: () throws(Failure) -> Void) -> dnn_status {
  do throws(Failure) {
    try body()
    return DNN_OK
  } catch let failure {
    if let error {
      error.pointee.status = failure.status.rawValue
      withUnsafeMutableBytes(of: &error.pointee.message) { text in
        if let start = text.baseAddress { failure.message.copy(to: start.assumingMemoryBound(to: CChar.self)) }
      }
    }
    failure.message.discard()
    return dnn_status(UInt32(failure.status.rawValue))
  }
}
