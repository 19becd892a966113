import CMNISTInfer

/// `dnn_classify_png_file` of mnistinfer.h.
@_cdecl("dnn_classify_png_file")
public func classifyPNGFile(
  _ session: OpaquePointer?, _ path: UnsafePointer<CChar>?, _ predictions: UnsafeMutablePointer<dnn_prediction>?,
  _ capacity: Int, _ count: UnsafeMutablePointer<Int>?, _ error: UnsafeMutablePointer<dnn_error>?
) -> dnn_status {
  classify(.file(path), session, predictions, capacity, count, error, "dnn_classify_png_file")
}

/// `dnn_classify_png_memory` of mnistinfer.h.
@_cdecl("dnn_classify_png_memory")
public func classifyPNGMemory(
  _ session: OpaquePointer?, _ bytes: UnsafeRawPointer?, _ size: Int,
  _ predictions: UnsafeMutablePointer<dnn_prediction>?,
  _ capacity: Int, _ count: UnsafeMutablePointer<Int>?, _ error: UnsafeMutablePointer<dnn_error>?
) -> dnn_status {
  classify(.memory(bytes, size), session, predictions, capacity, count, error, "dnn_classify_png_memory")
}

/// `dnn_classify_rgba` of mnistinfer.h.
@_cdecl("dnn_classify_rgba")
public func classifyRGBA(
  _ session: OpaquePointer?, _ pixels: UnsafePointer<UInt8>?, _ width: UInt32, _ height: UInt32, _ stride: Int,
  _ predictions: UnsafeMutablePointer<dnn_prediction>?, _ capacity: Int, _ count: UnsafeMutablePointer<Int>?,
  _ error: UnsafeMutablePointer<dnn_error>?
) -> dnn_status {
  classify(
    .pixels(pixels, width: width, height: height, stride: stride), session, predictions, capacity, count, error,
    "dnn_classify_rgba")
}

/// The other arguments are checked before the picture is read.
@inline(never) private func classify(
  _ picture: PictureSource, _ session: OpaquePointer?, _ predictions: UnsafeMutablePointer<dnn_prediction>?,
  _ capacity: Int, _ count: UnsafeMutablePointer<Int>?, _ error: UnsafeMutablePointer<dnn_error>?,
  _ function: StaticString
) -> dnn_status {
  report(error) { () throws(Failure) in
    guard let session else { throw badArgument(function, "session is NULL") }
    guard predictions != nil || capacity == 0 else { throw badArgument(function, "predictions is NULL") }
    guard capacity >= 0 else { throw badArgument(function, "capacity is out of range") }
    let handle = UnsafeMutablePointer<Session>(session)
    let model = handle.pointee.model
    let image = handle.pointee.picture.start
    try picture.write(to: image, for: model, function)
    let probabilities = handle.pointee.probabilities.start
    handle.pointee.predict(image, count: 1, probabilities: probabilities)

    let classes = model.pointee.network.classCount
    let wanted = min(capacity, classes)
    if let predictions, wanted > 0 {
      Ranking(best: predictions, count: wanted).fill(probabilities, classes, model.pointee.labels.start)
    }
    count?.pointee = wanted
  }
}
