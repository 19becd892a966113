import Foundation
import MNISTInfer
import Testing

@testable import DNNTrain

@Suite struct DataSourceTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func error(_ body: () throws -> Void) -> DataError? {
    do { try body() } catch { return error as? DataError }
    return nil
  }

  private func csv(_ text: String) throws -> String { try folder.write(Array(text.utf8), to: "data.csv") }

  @Test func csvFile() throws {
    let path = try csv("label,p0,p1,p2,p3\n7,0,1,2,255\r\n0, 4,5 ,6,7\n\n")
    let data = try TrainingData(path, classCount: nil)
    #expect(data.training.labels == [7, 0])
    #expect(data.training.images == [0, 1, 2, 255, 4, 5, 6, 7])
    #expect(data.training.shape == Shape(height: 2, width: 2, channels: 1))
    #expect(data.name == "data" && data.labels.count == 8 && data.test == nil)
  }

  @Test("a class that only test images have counts, where nobody says how many there are")
  func classOfTestImagesAlone() throws {
    for (part, labels) in [("train", [0, 1]), ("t10k", [2, 0])] as [(String, [UInt8])] {
      try write([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, 7, 9], to: "idx/\(part)-images-idx3-ubyte")
      try write([0, 0, 8, 1, 0, 0, 0, 2] + labels, to: "idx/\(part)-labels-idx1-ubyte")
    }
    let data = try TrainingData("\(folder.path)/idx", classCount: nil)
    #expect(data.labels == ["0", "1", "2"] && data.test?.labels == [2, 0])
  }

  @Test("a byte order mark, as spreadsheets write it, is no part of the first label")
  func csvWithMark() throws {
    #expect(try TrainingData(csv("\u{feff}3,0\n1,5\n"), classCount: nil).training.labels == [3, 1])
    #expect(try TrainingData(csv("\u{feff}label,p0\n1,5\n"), classCount: nil).training.labels == [1])
  }

  @Test(
    "a CSV file's mistakes are answered with the line",
    arguments: [
      ("1,0,0,0,0\n2,0,0,0\n", 2, "4 columns"), ("1,0,0,0,0\nx,0,0,0,0\n", 2, "label"),
      ("1,0,0,256,0\n", 1, "column 4"), ("1,0,,0,0\n", 1, "column 3"), ("1,0,-1,0,0\n", 1, "column 3"),
      ("1,0,0,0\n", 1, "square"), ("", 1, "no image"), ("a,b\n", 1, "no image"), ("1\n", 1, "square"),
      ("1,0,0,0,0\n\n99999999999999999999,0,0,0,0\n", 3, "label"),
    ])
  func csvMistakes(text: String, line: Int, reason: String) throws {
    let path = try csv(text)
    let actual = error { _ = try TrainingData(path, classCount: nil) }
    guard case .badLine(path, line, let text) = actual else {
      Issue.record("\(String(describing: actual))")
      return
    }
    #expect(text.contains(reason), "\(text)")
  }

  @Test func csvLabelOutOfRange() throws {
    let path = try csv("1,0\n2,0\n3,0\n3,0\n")
    let actual = error { _ = try TrainingData(path, classCount: 2) }
    #expect(actual == .labelOutOfRange(path: path, index: 2, label: 3, classCount: 2))
    #expect(actual?.description.hasSuffix("give the last layer 4 outputs") == true)
  }

  @Test(
    "what is given in place of a CSV file",
    arguments: [
      ([0, 0, 8, 3, 0, 0, 0, 1], "give the folder that holds it"), ([0, 0, 8, 1], "give the folder that holds it"),
      ([0x1f, 0x8b, 8, 0], "give the folder that holds it"), ([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10], "give text"),
      (Array("1,0\n".utf8) + [0], "give text"),
    ] as [([UInt8], String)])
  func notCSV(bytes: [UInt8], advice: String) throws {
    let path = try folder.write(bytes, to: "data.csv")
    guard case .notCSV(path, let text) = error({ _ = try TrainingData(path, classCount: nil) }) else {
      Issue.record("\(bytes) were read")
      return
    }
    #expect(text.contains(advice), "\(text)")
  }

  @Test("pictures that are no PNGs are left out, and that is said")
  func otherPictures() throws {
    for name in ["a/1.png", "b/1.png"] { try write(png(height: 1, width: 1, channels: 1, [1]), to: name) }
    var notes: [String] = []
    #expect(try TrainingData(folder.path, classCount: nil, note: { notes.append($0) }).training.count == 2)
    #expect(notes.isEmpty)
    for name in ["a/2.jpg", "b/2.JPEG", "b/3.gif"] { try write([1], to: name) }
    #expect(try TrainingData(folder.path, classCount: nil, note: { notes.append($0) }).training.count == 2)
    #expect(notes == ["only .png files are read: \(folder.path)/a/2.jpg and 2 more are left out"])
  }

  @Test(
    "a name that is nearly one",
    arguments: [("MNIST", "mnist"), ("fashion_mnist", "fashion-mnist"), ("other", nil)])
  func nearly(name: String, meant: String?) {
    let text = error { _ = try TrainingData(name, classCount: nil) }?.description ?? "read"
    let end = meant.map { "; did you mean \($0)?" } ?? "is none of synthetic, mnist, fashion-mnist"
    #expect(text.hasSuffix(end), "\(text)")
  }

  /// An uncompressed PNG of 8-bit grey or RGB (W3C, Portable Network Graphics specification, sections 5, 10 and 11).
  private func png(height: Int, width: Int, channels: Int, _ pixels: [UInt8]) -> [UInt8] {
    func big(_ value: UInt32) -> [UInt8] { [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) } }
    func chunk(_ name: String, _ body: [UInt8]) -> [UInt8] {
      let bytes = Array(name.utf8) + body
      var crc: UInt32 = 0xffff_ffff
      for byte in bytes {
        crc ^= UInt32(byte)
        for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xedb8_8320 : crc >> 1 }
      }
      return big(UInt32(body.count)) + bytes + big(~crc)
    }
    let row = width * channels
    let raw = (0..<height).flatMap { [0] + pixels[$0 * row..<($0 + 1) * row] }
    var (a, b): (UInt32, UInt32) = (1, 0)
    for byte in raw {
      a = (a + UInt32(byte)) % 65521
      b = (b + a) % 65521
    }
    let count = UInt16(raw.count)
    let stored = [0x78, 0x01, 1, UInt8(count & 255), UInt8(count >> 8), UInt8(~count & 255), UInt8(~count >> 8)] + raw
    return [0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]
      + chunk("IHDR", big(UInt32(width)) + big(UInt32(height)) + [8, channels == 1 ? 0 : 2, 0, 0, 0])
      + chunk("IDAT", stored + big(b << 16 | a)) + chunk("IEND", [])
  }

  private func write(_ bytes: [UInt8], to name: String) throws {
    let path = "\(folder.path)/\(name)"
    try FileManager.default.createDirectory(
      atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try Data(bytes).write(to: URL(fileURLWithPath: path))
  }

  /// Dark around a light pixel, so that the runtime's preparation leaves it as it is.
  private func grey(_ value: UInt8) -> [UInt8] { [0, 0, 0, 0, value, 0, 0, 0, 0] }

  @Test("a folder for each class, numbers in their order")
  func pngFolder() throws {
    try write(png(height: 3, width: 3, channels: 1, grey(10)), to: "10/a.png")
    try write(png(height: 3, width: 3, channels: 1, grey(9)), to: "9/b.PNG")
    try write(png(height: 3, width: 3, channels: 1, grey(8)), to: "9/a.png")
    try write(Array("notes".utf8), to: "9/notes.txt")
    let data = try TrainingData(folder.path, classCount: nil)
    #expect(data.labels == ["9", "10"])
    #expect(data.training.labels == [0, 0, 1])
    #expect(data.training.shape == Shape(height: 3, width: 3, channels: 1))
    #expect(data.training.images == grey(8) + grey(9) + grey(10))
  }

  @Test("one coloured picture makes all of them red, green and blue")
  func colouredFolder() throws {
    try write(png(height: 1, width: 2, channels: 1, [5, 6]), to: "cat/a.png")
    try write(png(height: 1, width: 2, channels: 3, [1, 2, 3, 4, 5, 6]), to: "dog/a.png")
    let data = try TrainingData(folder.path, classCount: 2)
    #expect(data.labels == ["cat", "dog"])
    #expect(data.training.shape == Shape(height: 1, width: 2, channels: 3))
    #expect(data.training.images == [5, 5, 5, 6, 6, 6, 1, 2, 3, 4, 5, 6])
  }

  @Test func folderMistakes() throws {
    try write(png(height: 3, width: 3, channels: 1, grey(1)), to: "a/1.png")
    try write(png(height: 1, width: 2, channels: 1, [1, 2]), to: "b/2.png")
    let path = folder.path
    #expect(
      error { _ = try TrainingData(path, classCount: nil) }
        == .pictureSizesDiffer(path: "\(path)/b/2.png", size: [1, 2], first: "\(path)/a/1.png", firstSize: [3, 3]))
    #expect(
      error { _ = try TrainingData(path, classCount: 3) }
        == .classesDiffer(folder: path, count: 2, classCount: 3))
    try FileManager.default.removeItem(atPath: "\(path)/b/2.png")
    #expect(error { _ = try TrainingData(path, classCount: nil) } == .emptyClass(folder: "\(path)/b"))
    try write(Array("no picture".utf8), to: "b/2.png")
    guard case .cannotRead("\(path)/b/2.png", _)? = error({ _ = try TrainingData(path, classCount: nil) }) else {
      Issue.record("a damaged picture was read")
      return
    }
  }

  @Test func missing() {
    #expect(
      error { _ = try TrainingData("\(folder.path)/none", classCount: nil) }
        == .cannotRead(
          path: "\(folder.path)/none", reason: "it does not exist, and is none of synthetic, mnist, fashion-mnist"))
  }

  @Test("drawn digits: the same for a seed, every class, and ink on every picture")
  func synthetic() {
    let data = SyntheticDigits.draw(count: 200, seed: 1)
    #expect(data.images == SyntheticDigits.draw(count: 200, seed: 1).images)
    #expect(data.images != SyntheticDigits.draw(count: 200, seed: 2).images)
    #expect(Set(data.labels) == Set(0..<10))
    for image in 0..<200 {
      let ink = data.images[image * 784..<(image + 1) * 784].count { $0 > 100 }
      #expect(ink > 25 && ink < 350, "image \(image): \(ink) pixels")
    }
  }
}
