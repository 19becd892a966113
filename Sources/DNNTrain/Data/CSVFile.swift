import MNISTInfer

/// A file with an image a line: its label, then its pixels from 0 to 255, row by row, with commas in between. A first line that
/// starts with no number is a heading. Images are square and grey.
struct CSVFile {
  private let path: String
  private let classCount: Int?
  private var images: [UInt8] = []
  private var labels: [Int] = []
  /// Of every image, once there is one.
  private var pixelCount: Int?

  /// - Parameters:
  ///   - path: the file.
  ///   - classCount: labels must be below, or nil.
  /// - Returns: all images.
  /// - Throws: `DataError`, with the line.
  static func read(path: String, classCount: Int?) throws -> Dataset {
    let bytes = try DataError.bytes(ofFile: path)
    var file = CSVFile(path: path, classCount: classCount)
    // Spreadsheets start UTF-8 with a mark, which would make a heading of the first image.
    let text = bytes.starts(with: CSVFile.byteOrderMark) ? bytes.dropFirst(CSVFile.byteOrderMark.count) : bytes[...]
    let lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() where !trimmed(line).isEmpty { try file.append(line, number: index + 1) }
    return try file.dataset()
  }

  private init(path: String, classCount: Int?) { (self.path, self.classCount) = (path, classCount) }

  private func mistake(_ line: Int, _ reason: String) -> DataError {
    .badLine(path: path, line: line, reason: reason)
  }

  private mutating func append(_ line: ArraySlice<UInt8>, number: Int) throws {
    var fields = line.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)[...]
    guard let first = fields.popFirst(), let label = CSVFile.number(first, below: CSVFile.mostClasses) else {
      if number == 1 { return }
      throw mistake(number, "the label is no whole number from 0")
    }
    if let classCount, label >= classCount {
      throw DataError.labelOutOfRange(path: path, index: labels.count, label: label, classCount: classCount)
    }
    if let pixelCount, fields.count != pixelCount {
      throw mistake(number, "it has \(fields.count + 1) columns and others \(pixelCount + 1)")
    }
    pixelCount = fields.count
    for (column, field) in fields.enumerated() {
      guard let value = CSVFile.number(field, below: 256) else {
        throw mistake(number, "column \(column + 2) is no whole number from 0 to 255")
      }
      images.append(UInt8(value))
    }
    labels.append(label)
  }

  private func dataset() throws -> Dataset {
    guard let pixelCount else { throw mistake(1, "there is no image") }
    let side = Int(Double(pixelCount).squareRoot().rounded())
    guard side >= 1, side * side == pixelCount, side <= IDXFile.largestSide else {
      throw mistake(1, "\(pixelCount) pixels after the label are no square of 1 to 1024 pixels a side")
    }
    return Dataset(shape: Shape(height: side, width: side, channels: 1), images: images, labels: labels)
  }

  private static let byteOrderMark: [UInt8] = [0xef, 0xbb, 0xbf]
  private static let mostClasses = 1 << 16

  private static func trimmed(_ field: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let isBlank: (UInt8) -> Bool = { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\r") }
    let start = field.drop(while: isBlank)
    return start.prefix(start.count - start.reversed().prefix(while: isBlank).count)
  }

  private static func number(_ field: ArraySlice<UInt8>, below bound: Int) -> Int? {
    let digits = trimmed(field)
    guard (1...6).contains(digits.count) else { return nil }
    var value = 0
    for digit in digits {
      guard digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9") else { return nil }
      value = 10 * value + Int(digit - UInt8(ascii: "0"))
    }
    return value < bound ? value : nil
  }
}
