import CZlib
import Foundation
import MNISTInfer
import Testing

@testable import DNNTrain

/// A folder of its own for each test, removed at the end.
final class TemporaryFolder {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.appendingPathComponent("dnn-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  @discardableResult
  func write(_ bytes: [UInt8], to name: String) throws -> String {
    try Data(bytes).write(to: URL(fileURLWithPath: "\(path)/\(name)"))
    return "\(path)/\(name)"
  }

  @discardableResult
  func compress(_ bytes: [UInt8], to name: String) throws -> String {
    let file = try #require(gzopen("\(path)/\(name)", "wb"))
    #expect(Int(gzwrite(file, bytes, UInt32(bytes.count))) == bytes.count)
    #expect(gzclose(file) == Z_OK)
    return "\(path)/\(name)"
  }
}

@Suite struct IDXTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private let labelBytes: [UInt8] = [0, 0, 8, 1, 0, 0, 0, 3, 2, 0, 1]
  private let imageBytes: [UInt8] = [0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0, 1, 0, 0, 0, 2, 10, 11, 20, 21, 30, 31]

  private func error(_ body: () throws -> Void) -> DataError? {
    do {
      try body()
      return nil
    } catch { return error as? DataError }
  }

  @Test("plain and gzip files read alike")
  func reading() throws {
    for path in [try folder.write(imageBytes, to: "plain"), try folder.compress(imageBytes, to: "gzip.gz")] {
      let file = try IDXFile(path: path, .images)
      #expect(file.dimensions == [3, 1, 2])
      #expect(file.bytes == imageBytes)
    }
  }

  @Test func missingFile() throws {
    let path = "\(folder.path)/nothing"
    #expect(
      error { _ = try IDXFile(path: path, .images) } == .cannotRead(path: path, reason: "No such file or directory"))
  }

  @Test func folderInPlaceOfAFile() throws {
    #expect(
      error { _ = try IDXFile(path: folder.path, .images) }
        == .cannotRead(path: folder.path, reason: "it is a folder, not a file"))
  }

  @Test("a pipe is not waited for, and a small file cannot announce more than memory holds")
  func endless() throws {
    let pipe = folder.path + "/pipe"
    #expect(mkfifo(pipe, 0o600) == 0)
    #expect(
      error { _ = try IDXFile(path: pipe, .labels) } == .cannotRead(path: pipe, reason: "it is not a regular file"))
    let images = try folder.compress([0, 0, 8, 3, 0, 1, 0, 0, 0, 0, 4, 0, 0, 0, 4, 0], to: "images")
    #expect(
      error { _ = try IDXFile(path: images, .images) }
        == .tooLarge(path: images, bytes: 1 << 36))
  }

  @Test func wrongKind() throws {
    let path = try folder.write(labelBytes, to: "labels")
    #expect(error { _ = try IDXFile(path: path, .images) } == .badMagic(path: path, magic: 0x801, expected: 0x803))
  }

  @Test("a file cut anywhere says so", arguments: 0..<22)
  func truncated(length: Int) throws {
    let path = try folder.write(Array(imageBytes.prefix(length)), to: "short")
    let expected = length < 16 ? 16 : 22
    #expect(
      error { _ = try IDXFile(path: path, .images) } == .truncated(path: path, expected: expected, actual: length))
  }

  @Test("a gzip file cut or changed anywhere is refused or still gives the same bytes")
  func damagedGzip() throws {
    let original = [UInt8](try Data(contentsOf: URL(fileURLWithPath: folder.compress(imageBytes, to: "whole.gz"))))
    // Bytes 4 to 9 hold time, flags of the compressor and operating system (RFC 1952), which mean nothing for the content.
    for length in 1..<original.count {
      let path = try folder.write(Array(original.prefix(length)), to: "cut.gz")
      #expect(error { _ = try IDXFile(path: path, .images) } != nil, "\(length) bytes")
    }
    for index in original.indices where !(4...9).contains(index) {
      var bytes = original
      bytes[index] ^= 0x10
      let path = try folder.write(bytes, to: "changed.gz")
      #expect((try? IDXFile(path: path, .images).bytes) ?? imageBytes == imageBytes, "byte \(index)")
    }
  }

  @Test func trailingBytes() throws {
    let path = try folder.write(imageBytes + [0], to: "long")
    #expect(error { _ = try IDXFile(path: path, .images) } == .tooLong(path: path, expected: 22))
  }

  @Test(
    "sizes out of range are refused before memory is asked for",
    arguments: [
      [UInt8]([0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1]), [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1],
      [0xff, 0xff, 0xff, 0xff, 0, 0, 0, 1, 0, 0, 0, 1], [0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
    ])
  func badDimensions(sizes: [UInt8]) throws {
    let path = try folder.write([0, 0, 8, 3] + sizes, to: "huge")
    guard case .badDimensions? = error({ _ = try IDXFile(path: path, .images) }) else {
      Issue.record("\(sizes) was accepted")
      return
    }
  }

  @Test func countsThatDiffer() throws {
    let images = try folder.write(imageBytes, to: "train-images-idx3-ubyte")
    let labels = try folder.write([0, 0, 8, 1, 0, 0, 0, 2, 2, 0], to: "train-labels-idx1-ubyte")
    #expect(
      error { _ = try IDXFolder(path: folder.path, classCount: 3) }
        == .countsDiffer(images: images, imageCount: 3, labels: labels, labelCount: 2))
  }

  @Test func labelWithoutOutput() throws {
    try folder.write(imageBytes, to: "train-images-idx3-ubyte")
    let labels = try folder.compress(labelBytes, to: "train-labels-idx1-ubyte.gz")
    #expect(
      error { _ = try IDXFolder(path: folder.path, classCount: 2) }
        == .labelOutOfRange(path: labels, index: 0, label: 2, classCount: 2))
  }

  @Test func missingFilesOfAFolder() throws {
    #expect(
      error { _ = try IDXFolder(path: folder.path, classCount: 3) }
        == .missing(folder: folder.path, names: ["train-images-idx3-ubyte", "train-labels-idx1-ubyte"]))
    try folder.write(imageBytes, to: "train-images-idx3-ubyte")
    #expect(
      error { _ = try IDXFolder(path: folder.path, classCount: 3) }
        == .missing(folder: folder.path, names: ["train-labels-idx1-ubyte"]))
    try folder.write(labelBytes, to: "train-labels-idx1-ubyte")
    _ = try IDXFolder(path: folder.path, classCount: 3)
    try folder.write(labelBytes, to: "t10k-labels-idx1-ubyte")
    #expect(
      error { _ = try IDXFolder(path: folder.path, classCount: 3) }
        == .missing(folder: folder.path, names: ["t10k-images-idx3-ubyte"]))
  }

  @Test func wholeFolder() throws {
    try folder.write(imageBytes, to: "train-images-idx3-ubyte")
    try folder.write(labelBytes, to: "train-labels-idx1-ubyte")
    let data = try IDXFolder(path: folder.path, classCount: 3)
    #expect(data.training.labels == [2, 0, 1])
    #expect(data.training.shape == Shape(height: 1, width: 2, channels: 1))
    #expect(data.training.subset([2, 0]).images == [30, 31, 10, 11])
    #expect(data.test == nil)
    var hash = SHA256()
    hash.update(imageBytes + labelBytes)
    #expect(data.sha256 == hash.hexadecimal())
  }

  @Test("a split is the same each time and shares nothing")
  func split() throws {
    let data = Dataset(shape: Shape(count: 1), images: Array(0..<100), labels: [Int](repeating: 0, count: 100))
    let (training, heldOut) = try data.split(heldOut: 30)
    #expect(training.count == 70 && heldOut.count == 30)
    #expect((training.images + heldOut.images).sorted() == data.images)
    #expect(try data.split(heldOut: 30).heldOut.images == heldOut.images)
    #expect(error { _ = try data.split(heldOut: 100) } == .tooFewImages(count: 100, heldOut: 100))
  }

  @Test("every class is held out in proportion, the largest remainders first")
  func stratifiedSplit() throws {
    // 61, 30 and 9 of 100: of 25 they get 15.25, 7.5 and 2.25, so 15, 8 and 2.
    let labels = (0..<100).map { $0 % 10 < 6 || $0 == 9 ? 0 : $0 % 10 < 9 ? 1 : 2 }
    let data = Dataset(shape: Shape(count: 1), images: Array(0..<100), labels: labels)
    for seed: UInt64 in 0..<5 {
      let (training, heldOut) = try data.split(heldOut: 25, seed: seed)
      #expect((0..<3).map { label in heldOut.labels.count { $0 == label } } == [15, 8, 2], "seed \(seed)")
      #expect((training.images + heldOut.images).sorted() == data.images)
      #expect(zip(heldOut.images, heldOut.labels).allSatisfy { labels[Int($0)] == $1 })
    }
    #expect(try data.split(heldOut: 25, seed: 1).heldOut.images != data.split(heldOut: 25, seed: 2).heldOut.images)
  }

  @Test(
    "MNIST's own files", .enabled(if: SharedData.mnist != nil, "no MNIST: set DNN_DATA to the folder that has mnist/"))
  func mnist() throws {
    let folder = try #require(SharedData.mnist)
    let labels = try IDXFile(path: "\(folder)/t10k-labels-idx1-ubyte.gz", .labels)
    var hash = SHA256()
    hash.update(labels.bytes)
    #expect(hash.hexadecimal() == "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2")
    #expect(try IDXFile(path: "\(folder)/t10k-images-idx3-ubyte.gz", .images).dimensions == [10_000, 28, 28])
  }
}

/// Real data, which is not part of the package: under $DNN_DATA, or beside the package.
enum SharedData {
  static let mnist = folder("mnist", holding: "t10k-labels-idx1-ubyte.gz")
  static let wildDigits = folder("wild-digits", holding: "labels.tsv")

  /// A folder's path, or nil if it does not hold the file.
  private static func folder(_ name: String, holding file: String) -> String? {
    let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let root = ProcessInfo.processInfo.environment["DNN_DATA"] ?? package.appendingPathComponent("../shared/data").path
    return FileManager.default.fileExists(atPath: "\(root)/\(name)/\(file)") ? "\(root)/\(name)" : nil
  }
}
