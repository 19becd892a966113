/// Columns wide enough for their cells, two spaces apart; those from `rightFrom` on are set right. A cell is one line, whatever the
/// label, path or text of a model's file in it.
public func table(_ rows: [[String]], rightFrom: Int) -> String {
  let rows = rows.map { $0.map(Terminal.printable) }
  let columns = rows.map(\.count).max() ?? 0
  let widths = (0..<columns).map { column in rows.map { $0[column].count }.max() ?? 0 }
  return rows.map { row in
    let cells = row.enumerated().map { column, cell in
      let space = String(repeating: " ", count: widths[column] - cell.count)
      return column >= rightFrom ? space + cell : cell + space
    }
    var line = cells.joined(separator: "  ")
    while line.last == " " { line.removeLast() }
    return line + "\n"
  }.joined()
}
