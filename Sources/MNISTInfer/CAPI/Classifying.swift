import CMNISTInfer

/// What the functions that classify a picture share; the other arguments are checked before the picture is read.
@inline(never) func classify(
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

/// The same of the functions that prepare one.
@inline(never) func prepare(
  _ picture: PictureSource, _ model: OpaquePointer?, _ image: UnsafeMutablePointer<UInt8>?,
  _ error: UnsafeMutablePointer<dnn_error>?, _ function: StaticString
) -> dnn_status {
  report(error) { () throws(Failure) in
    guard let model else { throw badArgument(function, "model is NULL") }
    guard let image else { throw badArgument(function, "image is NULL") }
    try picture.write(to: image, for: Model.Handle(model), function)
  }
}
