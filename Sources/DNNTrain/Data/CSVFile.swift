import Foundation
import MNISTInfer

/// A file with an image a line: its label, then its pixels from 0 to 255, row by row, with commas in between. A first line that
/// starts with no number is a heading. Images are square and grey.
enum CSVFile {
  /// - Parameters:
  ///   - path: the file.
  ///   - classCount: labels must be below, or nil.
  /// - Returns: all images.
  /// - Throws: `DataError`, with the line.
  static func read(path: String, classCount: Int?) throws -> Dataset {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw DataError.cannotRead(path: path, reason: "the file cannot be opened")
    }
    var (images, labels, pixelCount): ([UInt8], [Int], Int?) = ([], [], nil)
    for (index, line) in data.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
      var fields = line.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)[...]
      if fields.count == 1 && trimmed(line).isEmpty { continue }
      guard let first = fields.popFirst(), let label = number(first, below: mostClasses) else {
        if index == 0 { continue }
        throw DataError.badLine(path: path, line: index + 1, reason: "the label is no whole number from 0")
      }
      if let classCount, label >= classCount {
        throw DataError.labelOutOfRange(path: path, index: labels.count, label: label, classCount: classCount)
      }
      if let pixelCount, fields.count != pixelCount {
        throw DataError.badLine(
          path: path, line: index + 1, reason: "it has \(fields.count + 1) columns and others \(pixelCount + 1)")
      }
      pixelCount = fields.count
      for (column, field) in fields.enumerated() {
        guard let value = number(field, below: 256) else {
          throw DataError.badLine(
            path: path, line: index + 1, reason: "column \(column + 2) is no whole number from 0 to 255")
        }
        images.append(UInt8(value))
      }
      labels.append(label)
    }
    guard let pixelCount else { throw DataError.badLine(path: path, line: 1, reason: "there is no image") }
    let side = Int(Double(pixelCount).squareRoot().rounded())
    guard side >= 1, side * side == pixelCount, side <= IDXFile.largestSide else {
      throw DataError.badLine(
        path: path, line: 1, reason: "\(pixelCount) pixels after the label are no square of 1 to 1024 pixels a side")
    }
    return Dataset(shape: Shape(height: side, width: side, channels: 1), images: images, labels: labels)
  }

  private static let mostClasses = 1 << 16

  private static func trimmed(_ field: Data) -> Data {
    let isBlank: (UInt8) -> Bool = { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\r") }
    let start = field.drop(while: isBlank)
    return start.prefix(start.count - start.reversed().prefix(while: isBlank).count)
  }

  private static func number(_ field: Data, below bound: Int) -> Int? {
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
