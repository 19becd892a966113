@testable import DNNTrain
import TestSupport

extension FuzzTarget {
  /// A file of images and one of labels, plain or gzip. Of an input, the first two bytes say how long the first file is.
  static let idx = FuzzTarget(name: "idx", seeds: idxFiles, mutate: mutatePair) { input in
    guard let (images, labels) = pair(Array(input)) else { return }
    let files = [imageFile, labelFile]
    files[0].write(images)
    files[1].write(labels)
    let read = try (IDXFile(path: files[0].path, .images), IDXFile(path: files[1].path, .labels))
    for (file, bytes) in zip([read.0, read.1], [images, labels]) {
      check(file.bytes.count == file.dimensions.reduce(1, *) + file.start, "all elements are there")
      if !bytes.starts(with: [0x1f, 0x8b]) { check(file.bytes == bytes, "a plain file is read as it is") }
    }
    files[1].write(Deflate.compressed(read.1.bytes, window: Deflate.gzip))
    check(try IDXFile(path: files[1].path, .labels).bytes == read.1.bytes, "a compressed file is read as a plain one")
    let data = try Dataset(read.0, read.1, classCount: 10)
    check(data.labels.allSatisfy { (0..<10).contains($0) }, "labels are below the classes")
    let (training, heldOut) = try data.split(heldOut: 1)
    check(training.count + heldOut.count == data.count && heldOut.count == 1, "every image is in one part")
  }

  /// A CSV file.
  static let csv = FuzzTarget(name: "csv", seeds: csvFiles) { input in
    // Foundation loses a buffer for each empty file it reads.
    if input.isEmpty { return }
    imageFile.write(Array(input))
    let data = try CSVFile.read(path: imageFile.path, classCount: nil)
    let written = data.labels.indices.map { index in
      let pixels = data.images[index * data.shape.count..<(index + 1) * data.shape.count]
      return ([data.labels[index]] + pixels.map { Int($0) }).map { "\($0)" }.joined(separator: ",")
    }
    imageFile.write(Array(written.joined(separator: "\r\n").utf8))
    let again = try unfailing("a CSV that is written is read") {
      try CSVFile.read(path: imageFile.path, classCount: nil)
    }
    check(again.labels == data.labels && again.images == data.images && again.shape == data.shape, "to the same images")
  }
}

private let imageFile = MemoryFile()
private let labelFile = MemoryFile()

private func pair(_ input: [UInt8]) -> (first: [UInt8], second: [UInt8])? {
  guard input.count >= 2 else { return nil }
  let first = input.dropFirst(2).prefix(Int(input[0]) + 256 * Int(input[1]))
  return (Array(first), Array(input.dropFirst(2 + first.count)))
}

private func joined(_ first: [UInt8], _ second: [UInt8]) -> [UInt8]? {
  guard first.count < 1 << 16 else { return nil }
  return [UInt8(first.count & 255), UInt8(first.count >> 8)] + first + second
}

@Sendable private func mutatePair(_ input: [UInt8], _ random: inout Random) -> [UInt8]? {
  guard let (first, second) = pair(input) else { return nil }
  func changed(_ file: [UInt8]) -> [UInt8] {
    file.starts(with: [0x1f, 0x8b]) && random.int(0...3) > 0
      ? Deflate.mutate(file, window: Deflate.gzip) : mutated(file)
  }
  return random.int(0...1) == 0 ? joined(changed(first), second) : joined(first, changed(second))
}

@Sendable private func idxFiles() -> [[UInt8]] {
  let sizes = [(1, 1, 1), (3, 2, 2), (5, 3, 4)]
  return sizes.flatMap { count, height, width in
    func header(_ magic: UInt8, _ sizes: [Int]) -> [UInt8] {
      [0, 0, 8, magic] + sizes.flatMap { [0, 0, 0, UInt8($0)] }
    }
    let images = header(3, [count, height, width]) + (0..<count * height * width).map { UInt8($0) }
    let labels = header(1, [count]) + (0..<count).map { UInt8($0) }
    let gzip = [images, labels].map { Deflate.compressed($0, window: Deflate.gzip) }
    return [joined(images, labels), joined(gzip[0], gzip[1]), joined(images, gzip[1])].compactMap(\.self)
  }
}

@Sendable private func csvFiles() -> [[UInt8]] {
  ["0,1\n1,2\n", "label,a,b,c,d\r\n7,0,10,200,255\r\n3, 1 ,2,3,4", "9,0,0,0,0,0,0,0,0,0\n\n", "65535,255", "label\n"]
    .map { Array($0.utf8) }
}
