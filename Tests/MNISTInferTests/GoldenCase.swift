import MNISTInfer

/// A file that readers must reject, and what this one says of it.
struct GoldenCase {
  var name: String
  var status: Status
  var message: String
  var bytes: [UInt8]

  /// Any bytes.
  init(_ name: String, _ status: Status, _ message: String, bytes: [UInt8]) {
    self.name = name
    self.status = status
    self.message = message
    self.bytes = bytes
  }

  /// A valid file, changed in one place.
  init(
    _ name: String, _ status: Status, _ message: String, _ base: GoldenBase = .tiny,
    change: (inout GoldenFile) -> Void
  ) throws {
    var file = try base.file
    change(&file)
    self.init(name, status, message, bytes: file.encoded)
  }

  /// A valid file, changed in one place so that it is damaged.
  init(
    _ name: String, _ message: String, _ base: GoldenBase = .tiny, change: (inout GoldenFile) -> Void
  ) throws { try self.init(name, .damaged, message, base, change: change) }

  /// All of them, by what is wrong.
  static var all: [GoldenCase] {
    get throws {
      try headerCases() + sectionCases() + textCases() + nameCases() + tensorCases() + elementCases() + graphCases()
        + windowCases() + layerTensorCases() + descriptionCases() + historyCases() + selfTestCases() + integerCases()
        + otherFormatCases()
    }
  }
}
