import CMNISTInfer

/// Runs the body of a C function; tells the caller of a failure by status and, if it gave a place for it, by message.
@inline(__always) func report(
  _ error: UnsafeMutablePointer<dnn_error>?, _ body: () throws(Failure) -> Void
) -> dnn_status {
  do throws(Failure) {
    try body()
    return DNN_OK
  } catch let failure {
    return tell(failure, to: error)
  }
}

@inline(never) private func tell(_ failure: Failure, to error: UnsafeMutablePointer<dnn_error>?) -> dnn_status {
  if let error {
    error.pointee.status = failure.status.rawValue
    withUnsafeMutableBytes(of: &error.pointee.message) { text in
      if let start = text.baseAddress { failure.message.copy(to: start.assumingMemoryBound(to: CChar.self)) }
    }
  }
  failure.message.discard()
  return dnn_status(UInt32(failure.status.rawValue))
}

/// What is wrong with an argument of a function of mnistinfer.h.
@inline(never) func badArgument(_ function: StaticString, _ what: StaticString) -> Failure {
  Failure(.badArgument, "\(function): \(what)")
}
