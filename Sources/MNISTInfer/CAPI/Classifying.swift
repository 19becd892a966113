import CMNISTInfer

/// What the functions that classify a picture share; the arguments are checked before the picture is made, of at most as many
/// pixels as it is told.
func classify(
  _ session: OpaquePointer?, _ predictions: UnsafeMutablePointer<dnn_prediction>?, _ capacity: Int,
  _ count: UnsafeMutablePointer<Int>?, _ makePicture: (_ limit: Int) throws(Failure) -> Picture
) throws(Failure) {
  guard let session else { throw Failure(.badArgument, "session is NULL") }
  guard predictions != nil || capacity == 0 else { throw Failure(.badArgument, "predictions is NULL") }
  guard capacity >= 0 else { throw Failure(.badArgument, "capacity is out of range") }
  let handle = UnsafeMutablePointer<Session>(session)
  let model = handle.pointee.model
  let picture = handle.pointee.picture.start
  try prepare(
    makePicture(model.pointee.limits.picture), model.pointee.preparation, model.pointee.network.input, into: picture)
  let probabilities = handle.pointee.probabilities.start
  handle.pointee.predict(picture, count: 1, probabilities: probabilities)

  let classes = model.pointee.network.classCount
  let wanted = min(capacity, classes)
  if let predictions { writeBest(wanted, of: classes, probabilities, model, to: predictions) }
  count?.pointee = wanted
}

/// The likeliest classes, best first; of equals, the lower index first. `wanted` × `classes` comparisons.
private func writeBest(
  _ wanted: Int, of classes: Int, _ probabilities: UnsafePointer<Float>, _ model: Model.Handle,
  to predictions: UnsafeMutablePointer<dnn_prediction>
) {
  for rank in 0..<wanted {
    // The best of those that come after the last one written.
    var best = -1
    for candidate in 0..<classes {
      if rank > 0 {
        let last = Int(predictions[rank - 1].class_index)
        let isAfter =
          probabilities[candidate] < probabilities[last]
          || (probabilities[candidate] == probabilities[last] && candidate > last)
        if !isAfter { continue }
      }
      if best < 0 || probabilities[candidate] > probabilities[best] { best = candidate }
    }
    predictions[rank] = dnn_prediction(
      class_index: UInt32(best), probability: probabilities[best], label: model.pointee.labels[best])
  }
}
