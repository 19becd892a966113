import Foundation

/// The page that specifies the format, taken apart into its tables and blocks of code.
struct SpecificationPage {
  /// A table, cell by cell, without the marks of code.
  struct Table {
    /// The heading that it stands under.
    var heading: String
    var columns: [String]
    var rows: [[String]]
  }

  private(set) var tables: [Table] = []
  /// The lines of all blocks of code under a heading.
  private(set) var code: [String: [String]] = [:]

  init() throws {
    var heading = ""
    var isCode = false
    var isTable = false
    let text = try packageText("Sources/MNISTInfer/MNISTInfer.docc/FileFormat.md")
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("```") {
        isCode.toggle()
      } else if isCode {
        code[heading, default: []].append(String(line))
      } else if line.hasPrefix("#") {
        heading = String(line.drop { $0 == "#" }.dropFirst())
      } else if line.hasPrefix("|"), !line.hasPrefix("|--") {
        add(cells(line), under: heading, startsTable: !isTable)
      }
      isTable = line.hasPrefix("|")
    }
  }

  /// The one table whose first columns have these names.
  func table(_ columns: String...) -> Table? {
    let found = tables.filter { $0.columns.starts(with: columns) }
    return found.count == 1 ? found[0] : nil
  }

  private mutating func add(_ cells: [String], under heading: String, startsTable: Bool) {
    if startsTable {
      tables.append(Table(heading: heading, columns: cells, rows: []))
    } else {
      tables[tables.count - 1].rows.append(cells)
    }
  }

  private func cells(_ line: Substring) -> [String] {
    line.dropFirst().dropLast().split(separator: "|", omittingEmptySubsequences: false).map {
      $0.trimmingCharacters(in: .whitespaces).replacingOccurrences(of: "`", with: "")
    }
  }
}

/// A text file of the package, by its path from the package's folder.
func packageText(_ path: String) throws -> String {
  try String(contentsOf: packageFolder.appendingPathComponent(path), encoding: .utf8)
}

/// The folder with Package.swift.
let packageFolder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent()
