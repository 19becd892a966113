import CMNISTInfer
import DNNModel
@testable import MNISTInfer
import TestSupport

extension FuzzTarget {
  /// Running whatever model opens.
  static let inference = FuzzTarget(
    name: "inference", seeds: { try goldenFiles(["valid"])() + randomFiles() }, mutate: DNNSections.mutate
  ) { input in
    let block = Block(copying: input)
    DNNSections.repairChecksums(block.bytes)
    guard let model = open({ modelOpenBorrowed(block.bytes.baseAddress, block.bytes.count, $0, $1) }).model else {
      return
    }
    defer { modelClose(model) }
    if isCheap(model) { predict(model) }
  }

  /// Networks of every kind of layer, small enough to be changed in many places.
  static func randomFiles() throws -> [[UInt8]] {
    let models =
      [smallModel(), quantized(smallModel(), seed: 1)] + (0..<60).map { randomModel(seed: $0) }
      + (0..<60).map { randomIntegerModel(seed: $0) }
    return try models.map { try $0.encoded() }.filter { $0.count < 6000 }
  }

  /// Whether a model takes little time and memory to run. What may be refused for its size has tests of its own.
  static func isCheap(_ model: OpaquePointer) -> Bool {
    let network = Model.Handle(model)
    var work = Int64(network.pointee.network.input.count)
    for index in 0..<network.pointee.network.layers.count {
      let layer = network.pointee.network.layers[index]
      work += operationCount(layer, of: network.pointee.network, vector: 1) + Int64(layer.output.count)
    }
    return work <= 1 << 18
  }
}

/// Two pictures alone, together, once more in another session, and the self-test.
private func predict(_ model: OpaquePointer) {
  let handle = Model.Handle(model)
  let (size, classes) = (handle.pointee.network.input.count, handle.pointee.network.classCount)
  var random = Random(UInt64(size))
  let pictures = [UInt8](repeating: 255, count: size) + random.bytes(size)
  var together: [Float] = []
  withSession(model, threads: 1) { session in
    together = probabilities(session, pictures, count: 2, classes)
    let alone = (0..<2).flatMap {
      probabilities(session, Array(pictures[$0 * size..<($0 + 1) * size]), count: 1, classes)
    }
    check(alone == together, "a picture has the same result alone and in a batch")
    var result = dnn_verification()
    if status({ sessionVerify(session, &result, $0) }) == nil {
      check((0...1).contains(result.largest_difference), "probabilities differ by 0 to 1")
    }
  }
  withSession(model, threads: 1) {
    check(probabilities($0, pictures, count: 2, classes) == together, "the same pictures give the same result")
  }
}

private func withSession(_ model: OpaquePointer, threads: UInt32, _ body: (OpaquePointer) -> Void) {
  var options = dnn_session_options(struct_size: MemoryLayout<dnn_session_options>.size, threads: threads)
  var session: OpaquePointer?
  let status = status { sessionOpen(model, &options, &session, $0) }
  check((session == nil) == (status != nil), "there is a session or an error")
  check(status == nil, "a small model gets its session")
  if let session { body(session) }
  sessionClose(session)
}

private func probabilities(_ session: OpaquePointer, _ pictures: [UInt8], count: Int, _ classes: Int) -> [Float] {
  // Exactly as much memory as the function may write.
  let block = Block(4 * count * classes)
  let result = block.bytes.assumingMemoryBound(to: Float.self)
  check(status { predictU8(session, pictures, count, result.baseAddress, $0) } == nil, "a session predicts")
  for start in stride(from: 0, to: result.count, by: classes) {
    let picture = result[start..<start + classes]
    check(picture.allSatisfy { (0...1).contains($0) }, "probabilities are 0 to 1")
    let sum = picture.reduce(0.0) { $0 + Double($1) }
    check(abs(sum - 1) < 1e-4, "probabilities add up to 1, not \(sum)")
  }
  return Array(result)
}
