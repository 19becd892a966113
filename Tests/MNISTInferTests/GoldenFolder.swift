import Foundation

/// The files in Golden, which stand beside the tests.
enum GoldenFolder {
  /// `valid` or `rejected`.
  static func url(_ folder: String) -> URL {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Golden/\(folder)")
  }

  static func names(_ folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: url(folder).path).filter { $0.hasSuffix(".dnn") }.sorted()
  }

  static func read(_ folder: String, _ name: String) throws -> [UInt8] {
    try Array(Data(contentsOf: url(folder).appendingPathComponent(name)))
  }

  /// The lines of Golden/rejected/expected.tsv: file, status, message.
  static func expected() throws -> [[String]] {
    let table = url("rejected").appendingPathComponent("expected.tsv")
    return try String(contentsOf: table, encoding: .utf8).split(separator: "\n").map { line in
      line.split(separator: "\t").map { String($0) }
    }
  }

  /// Makes all files anew.
  static func write() throws {
    for folder in ["valid", "rejected"] {
      try? FileManager.default.removeItem(at: url(folder))
      try FileManager.default.createDirectory(at: url(folder), withIntermediateDirectories: true)
    }
    for file in try GoldenValid.all {
      try Data(file.bytes).write(to: url("valid").appendingPathComponent("\(file.name).dnn"))
    }
    let cases = try GoldenCase.all
    for file in cases { try Data(file.bytes).write(to: url("rejected").appendingPathComponent("\(file.name).dnn")) }
    let lines = cases.map { "\($0.name).dnn\t\($0.status)\t\($0.message)\n" }
    try lines.joined().write(
      to: url("rejected").appendingPathComponent("expected.tsv"), atomically: true, encoding: .utf8)
  }
}
