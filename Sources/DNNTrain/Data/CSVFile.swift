import MNISTInfer

/// A file with an image a line: its label, then its pixels from 0 to 255, row by row, with commas in between. A first line that
/// starts with no number is a heading. Images are square and grey.
struct CSVFile {
  private let path: String
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
    try checkText(bytes, path: path)
    var file = CSVFile(path: path)
    // Spreadsheets start UTF-8 with a mark, which would make a heading of the first image.
    let text = bytes.starts(with: CSVFile.byteOrderMark) ? bytes.dropFirst(CSVFile.byteOrderMark.count) : bytes[...]
    let lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() where !trimmed(line).isEmpty { try file.append(line, number: index + 1) }
    let dataset = try file.dataset()
    if let classCount { try dataset.checkLabels(path: path, classCount: classCount) }
    return dataset
  }

  private init(path: String) { self.path = path }

  /// - Throws: `DataError.notCSV` for what people give in place of a CSV file: other files of a data set, pictures and models. All
  ///   have control characters near their beginning, and text has none but spaces and ends of lines.
  private static func checkText(_ bytes: [UInt8], path: String) throws {
    let (isGzip, isIDX) = (bytes.starts(with: [0x1f, 0x8b]), bytes.starts(with: [0, 0, 8]))
    if isGzip || isIDX {
      throw DataError.notCSV(path: path, advice: "if it is of a data set in IDX format, give the folder that holds it")
    }
    if bytes.prefix(1024).contains(where: { $0 < 0x20 && !(0x09...0x0d ~= $0) }) {
      throw DataError.notCSV(path: path, advice: "give text with a label and its pixels on each line, or a folder")
    }
  }

  private func mistake(_ line: Int, _ reason: String) -> DataError {
    .badLine(path: path, line: line, reason: reason)
  }

  private mutating func append(_ line: ArraySlice<UInt8>, number: Int) throws {
    var fields = line.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)[...]
    guard let first = fields.popFirst(), let label = CSVFile.number(first, below: CSVFile.mostClasses) else {
      if number == 1 { return }
      throw mistake(number, "the label is no whole number from 0")
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
