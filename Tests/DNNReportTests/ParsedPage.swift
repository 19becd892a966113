import Foundation
import FoundationXML
import Testing

/// What is in a page, read by an XML parser, which accepts no unclosed element and no stray character.
final class ParsedPage: NSObject, XMLParserDelegate {
  private(set) var elementCounts: [String: Int] = [:]
  /// Levels of the headings in their order.
  private(set) var headings: [Int] = []
  /// Values of attributes that make a browser fetch something.
  private(set) var addresses: [String] = []
  /// The text in place of each picture; empty where there is none.
  private(set) var imageDescriptions: [String] = []
  /// The cells' texts of each table, row by row.
  private(set) var tables: [[[String]]] = []
  private(set) var title = ""
  private(set) var text = ""
  private var open: [String] = []

  init(_ html: String) throws {
    super.init()
    let parser = XMLParser(data: Data(html.utf8))
    parser.delegate = self
    guard parser.parse() else {
      let reason = "\(parser.parserError as Any), line \(parser.lineNumber)"
      throw CocoaError(.fileReadCorruptFile, userInfo: ["reason": reason])
    }
  }

  /// What holds for every page.
  func expectSound(at location: SourceLocation = #_sourceLocation) {
    #expect(headings.first == 1 && headings.count { $0 == 1 } == 1, "one main heading", sourceLocation: location)
    #expect(zip(headings, headings.dropFirst()).allSatisfy { $1 <= $0 + 1 }, "\(headings)", sourceLocation: location)
    #expect(addresses.allSatisfy { $0.hasPrefix("data:image/png;base64,iVBOR") }, sourceLocation: location)
    #expect(!imageDescriptions.contains(""), "every picture is described", sourceLocation: location)
    #expect(!title.isEmpty, sourceLocation: location)
    #expect(!text.contains("nan"), sourceLocation: location)
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
    attributes: [String: String]
  ) {
    open.append(name)
    elementCounts[name, default: 0] += 1
    if let level = Int(name.dropFirst()), name.hasPrefix("h") { headings.append(level) }
    addresses += ["src", "href", "srcset", "xlink:href"].compactMap { attributes[$0] }
    if name == "img" { imageDescriptions.append(attributes["alt"] ?? "") }
    switch name {
    case "table": tables.append([])
    case "tr": tables[tables.count - 1].append([])
    case "td", "th": append("", newCell: true)
    default: break
    }
  }

  func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
    open.removeLast()
  }

  func parser(_ parser: XMLParser, foundCharacters string: String) {
    if open.contains("title") && !open.contains("svg") { title += string }
    if !open.contains("style") && !open.contains("script") { text += string }
    if open.contains("td") || open.contains("th") { append(string, newCell: false) }
  }

  private func append(_ string: String, newCell: Bool) {
    let table = tables.count - 1
    let row = tables[table].count - 1
    if newCell { tables[table][row].append("") }
    tables[table][row][tables[table][row].count - 1] += string
  }
}
