import CMNISTInfer

extension Session {
  /// Runs the pictures of the file's self-test and compares their probabilities with those in the file.
  func verify() throws(Failure) -> dnn_verification {
    var result = dnn_verification()
    guard let section = model.pointee.container.section(.selfTest), let start = section.baseAddress else {
      return result
    }
    let record = SelfTestRecord.read(start).record
    let (pictureSize, classes) = (model.pointee.network.input.count, model.pointee.network.classCount)
    let pictures = start.assumingMemoryBound(to: UInt8.self) + SelfTestRecord.size
    let expected = SelfTestRecord.size + roundUp(Int(record.count) * pictureSize, to: 4)
    result.pictures = record.count
    result.tolerance = record.tolerance
    for picture in 0..<Int(record.count) {
      predict(pictures + picture * pictureSize, count: 1, probabilities: probabilities.start)
      for index in 0..<classes {
        let offset = expected + 4 * (picture * classes + index)
        let promised = Float(
          bitPattern: UInt32(littleEndian: section.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
        let difference = abs(probabilities[index] - promised)
        // Not `max`: a NaN must show.
        if !(difference <= result.largest_difference) { result.largest_difference = difference }
      }
    }
    return result
  }
}
