import CMNISTInfer
import DNNModel
import MNISTInfer
import TestSupport

extension FuzzTarget {
  /// A PNG through its whole preparation, with the chunks' checksums made right.
  static let picture = FuzzTarget(name: "picture", seeds: pictureFiles, mutate: PNGChunks.mutate) { input in
    let block = Block(copying: input)
    PNGChunks.repairChecksums(block.bytes)
    let png = UnsafeRawBufferPointer(block.bytes)
    guard PNGChunks.isSmall(png) else { return }
    // The network takes much longer than the picture, so that most go without.
    if png.count % 16 == 0 { classify(png) }
    prepareInEachWay(png)
  }

  /// Each colour type, depth and kind of transparency, interlaced or not.
  @Sendable private static func pictureFiles() -> [[UInt8]] {
    var random = Random(1)
    return TestPNG.Colour.allCases.flatMap { colour in
      colour.depths.flatMap { depth in
        [false, true].map { isInterlaced in
          let colours = colour == .palette ? max(2, (1 << depth) - 1) : 1 << depth
          let (width, height) = (random.int(1...20), random.int(1...20))
          // Few of the colours, so that something can stand out.
          let some = (0..<3).map { _ in random.int(0...(colours - 1)) }
          let samples = (0..<width * height * colour.samples).map { _ in some[min(random.int(0...9), 2)] }
          var picture = TestPNG(colour: colour, depth: depth, width: width, height: height, samples: samples)
          if colour == .palette { picture.palette = (0..<colours).map { _ in random.bytes(3) } }
          if colour.takesTransparency && isInterlaced {
            picture.transparency =
              colour == .palette
              ? random.bytes((colours + 1) / 2)
              : samples.prefix(colour.samples).flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] }
          }
          picture.isInterlaced = isInterlaced
          return picture.bytes
        }
      }
    }
  }
}

/// Through the C functions, with the model inside the library.
private func classify(_ png: UnsafeRawBufferPointer) {
  let digits = builtIn
  var image = [UInt8](repeating: 7, count: 28 * 28)
  let prepared = status { preparePNGMemory(digits.model, png.baseAddress, png.count, &image, $0) }
  var best = [dnn_prediction](repeating: dnn_prediction(), count: 10)
  var count = 77
  let classified = status {
    classifyPNGMemory(digits.session, png.baseAddress, png.count, &best, best.count, &count, $0)
  }
  check(prepared == classified, "a picture is classified if it can be prepared")
  guard prepared == nil else {
    check([.badPicture, .nothingToSee].contains(prepared), "\(String(describing: prepared)) is about the picture")
    check(count == 77, "results are left as they were")
    return
  }
  check(count == 10 && best.allSatisfy { (0...1).contains($0.probability) }, "there are ten probabilities")
  check(zip(best, best.dropFirst()).allSatisfy { $0.probability >= $1.probability }, "the best comes first")
  check(Set(best.map(\.class_index)).count == 10, "each class is there once")
  var probabilities = [Float](repeating: 0, count: 10)
  check(status { predictU8(digits.session, image, 1, &probabilities, $0) } == nil, "a prepared picture is predicted")
  check(probabilities[Int(best[0].class_index)] == best[0].probability, "classifying is preparing and predicting")
}

private func prepareInEachWay(_ png: UnsafeRawBufferPointer) {
  do {
    let picture = try Picture(png: png)
    for (preparation, shape) in preparations {
      let block = Block(shape.count)
      do {
        try prepare(picture, preparation, shape, into: block.bytes.assumingMemoryBound(to: UInt8.self).baseAddress!)
      } catch {
        check(error.status == .nothingToSee, "\(error) is about the picture")
      }
    }
  } catch {
    check(error.status == .badPicture, "\(error) is about the picture")
  }
}
