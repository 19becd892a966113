import CMNISTInfer
import CPlatform

/// `dnn_session_open` of mnistinfer.h.
@_cdecl("dnn_session_open")
public func sessionOpen(
  _ model: OpaquePointer?, _ options: UnsafePointer<dnn_session_options>?,
  _ session: UnsafeMutablePointer<OpaquePointer?>?, _ error: UnsafeMutablePointer<dnn_error>?
) -> dnn_status {
  session?.pointee = nil
  return report(error) { () throws(Failure) in
    guard let model else { throw Failure(.badArgument, "dnn_session_open: model is NULL") }
    guard let session else { throw Failure(.badArgument, "dnn_session_open: the session's address is NULL") }
    let opened = try Session(Model.Handle(model), threads: threadCount(options))
    let place = try allocatePlace(for: Session.self)
    place.initialize(to: opened)
    session.pointee = OpaquePointer(place)
  }
}

/// `dnn_session_close` of mnistinfer.h.
@_cdecl("dnn_session_close")
public func sessionClose(_ session: OpaquePointer?) {
  guard let session else { return }
  UnsafeMutablePointer<Session>(session).deinitialize(count: 1)
  free(UnsafeMutableRawPointer(session))
}

/// `dnn_session_verify` of mnistinfer.h.
@_cdecl("dnn_session_verify")
public func sessionVerify(
  _ session: OpaquePointer?, _ result: UnsafeMutablePointer<dnn_verification>?,
  _ error: UnsafeMutablePointer<dnn_error>?
) -> dnn_status {
  report(error) { () throws(Failure) in
    guard let session else { throw Failure(.badArgument, "dnn_session_verify: session is NULL") }
    guard let result else { throw Failure(.badArgument, "dnn_session_verify: result is NULL") }
    result.pointee = try UnsafeMutablePointer<Session>(session).pointee.verify()
  }
}

/// `dnn_predict_u8` of mnistinfer.h.
@_cdecl("dnn_predict_u8")
public func predictU8(
  _ session: OpaquePointer?, _ images: UnsafePointer<UInt8>?, _ count: Int,
  _ probabilities: UnsafeMutablePointer<Float>?,
  _ error: UnsafeMutablePointer<dnn_error>?
) -> dnn_status {
  report(error) { () throws(Failure) in
    guard let session else { throw Failure(.badArgument, "dnn_predict_u8: session is NULL") }
    if count == 0 { return }
    guard let images else { throw Failure(.badArgument, "dnn_predict_u8: images is NULL") }
    guard let probabilities else { throw Failure(.badArgument, "dnn_predict_u8: probabilities is NULL") }
    let handle = UnsafeMutablePointer<Session>(session)
    // A count is taken for a mistake when its images or results would fill more than half of the address space.
    let model = handle.pointee.model
    let perImage = max(model.pointee.network.input.count, 4 * model.pointee.network.classCount)
    guard count > 0, count <= Int.max / perImage else {
      throw Failure(.badArgument, "dnn_predict_u8: count is out of range")
    }
    handle.pointee.predict(images, count: count, probabilities: probabilities)
  }
}

/// The threads that the options ask for, 0 for all.
private func threadCount(_ options: UnsafePointer<dnn_session_options>?) throws(Failure) -> Int {
  if options == nil { return 0 }
  var known = dnn_session_options()
  let size = MemoryLayout<dnn_session_options>.size
  try copyOptions(options, to: &known, size, "dnn_session_open: options")
  guard known.threads <= Session.maximumThreads else {
    throw Failure(.badArgument, "dnn_session_open: \(known.threads) threads; at most \(Session.maximumThreads)")
  }
  return Int(known.threads)
}
