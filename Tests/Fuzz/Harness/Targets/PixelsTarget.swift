import CMNISTInfer
import DNNModel
@testable import MNISTInfer
import TestSupport

extension FuzzTarget {
  /// Pixels through their whole preparation, and some once more as a PNG that libpng writes.
  ///
  /// Of an input, the first four bytes are width, height, the bytes between rows, and the kind of preparation; the rest are the
  /// pixels, from the start again where there are too few.
  static let pixels = FuzzTarget(name: "pixels", seeds: pixelFiles) { input in
    guard input.count >= 8 else { return }
    let (width, height, gap) = (Int(input[0]) % 40 + 1, Int(input[1]) % 40 + 1, Int(input[2]) % 4)
    let stride = 4 * width + gap
    let (pixels, colours) = (Block(stride * height - gap), UnsafeRawBufferPointer(rebasing: input[4...]))
    for y in 0..<height {
      for x in 0..<4 * width { pixels.bytes[stride * y + x] = colours[(4 * width * y + x) % colours.count] }
    }
    let kind = Int(input[3]) % (4 * preparations.count)
    if kind == 0 {
      prepareAsDigit(pixels, width: width, height: height, stride: stride)
    } else {
      try prepare(
        pixels, width: width, height: height, stride: stride, preparations[kind / 4], isCompared: kind % 4 == 1)
    }
  }

  /// Strokes on paper of both kinds, for a start.
  @Sendable private static func pixelFiles() -> [[UInt8]] {
    var random = Random(1)
    return (0..<12).map { index in
      let side = 6 + 2 * index
      var pixels = [UInt8](repeating: index % 2 == 0 ? 255 : 0, count: 4 * side * side)
      for pixel in 0..<side * side where index % 3 == 0 { pixels[4 * pixel + 3] = 0 }
      var place = side * side / 2
      for _ in 0..<3 * side {
        place = min(max(place + [1, -1, side, -side][random.int(0...3)], 0), side * side - 1)
        for channel in 0..<3 { pixels[4 * place + channel] = index % 2 == 0 ? 0 : 255 }
        pixels[4 * place + 3] = 255
      }
      return [UInt8(side - 1), UInt8(side - 1), UInt8(index % 4), UInt8(4 * index + index % 2)] + pixels
    }
  }
}

/// By the C functions.
private func prepareAsDigit(_ pixels: Block, width: Int, height: Int, stride: Int) {
  let start = pixels.bytes.assumingMemoryBound(to: UInt8.self).baseAddress
  var image = [UInt8](repeating: 7, count: 28 * 28)
  let result = status { prepareRGBA(builtIn.model, start, UInt32(width), UInt32(height), stride, &image, $0) }
  check([nil, .nothingToSee].contains(result), "\(String(describing: result)): any pixels can be prepared")
  var best = dnn_prediction()
  let classified = status {
    classifyRGBA(builtIn.session, start, UInt32(width), UInt32(height), stride, &best, 1, nil, $0)
  }
  check(classified == result, "pixels are classified if they can be prepared")
}

private func prepare(
  _ pixels: Block, width: Int, height: Int, stride: Int, _ kind: (preparation: Preparation, shape: Shape),
  isCompared: Bool
) throws {
  let start = pixels.bytes.assumingMemoryBound(to: UInt8.self).baseAddress
  let image = prepared(kind) { () throws(Failure) in
    try Picture(rgba: start, width: width, height: height, stride: stride)
  }
  if !isCompared { return }
  let rows = (0..<height).flatMap { pixels.bytes[$0 * stride..<$0 * stride + 4 * width] }
  guard let png = encodedPNG(rows, width: width, height: height, channels: 4) else { fatalError("no PNG") }
  let same = png.withUnsafeBytes { png in prepared(kind) { () throws(Failure) in try Picture(png: png) } }
  check(image == same, "a PNG is prepared as its pixels are")
}

/// The network's input, or nil where there is nothing to see.
private func prepared(
  _ kind: (preparation: Preparation, shape: Shape), _ picture: () throws(Failure) -> Picture
) -> [UInt8]? {
  let block = Block(kind.shape.count)
  do {
    let target = block.bytes.assumingMemoryBound(to: UInt8.self).baseAddress!
    try MNISTInfer.prepare(picture(), kind.preparation, kind.shape, into: target)
  } catch {
    check(error.status == .nothingToSee, "\(error): any pixels can be prepared")
    return nil
  }
  return Array(block.bytes)
}
