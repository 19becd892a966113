import DNNModel

/// A piece of a page. What is written into it with `\(…)` is escaped unless it is markup itself, so that no label, path or
/// provenance can become part of the page's structure.
struct Markup: ExpressibleByStringInterpolation {
  let text: String

  init(stringLiteral text: String) { self.text = text }

  init(stringInterpolation: StringInterpolation) { text = stringInterpolation.text }

  struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var text = ""

    init(literalCapacity: Int, interpolationCount: Int) { text.reserveCapacity(literalCapacity) }

    mutating func appendLiteral(_ literal: String) { text += literal }

    mutating func appendInterpolation(_ markup: Markup) { text += markup.text }

    mutating func appendInterpolation(_ pieces: [Markup]) { for piece in pieces { text += piece.text } }

    /// Text, which may hold anything. Characters that XML does not allow become the replacement character.
    mutating func appendInterpolation(_ value: String) {
      for scalar in value.unicodeScalars {
        switch scalar {
        case "&": text += "&amp;"
        case "<": text += "&lt;"
        case ">": text += "&gt;"
        case "\"": text += "&quot;"
        case "'": text += "&#39;"
        case "\t", "\n", "\r": text.unicodeScalars.append(scalar)
        case "\0"..<" ", "\u{7f}"..<"\u{a0}", "\u{fffe}"..."\u{ffff}": text += "\u{fffd}"
        default: text.unicodeScalars.append(scalar)
        }
      }
    }

    /// A count, like 12,345.
    mutating func appendInterpolation(_ count: Int) { text += grouped(count) }

    /// A coordinate.
    mutating func appendInterpolation(_ value: Double) { text += decimal(value, 1) }
  }
}

/// As few digits as tell it from its neighbours on an axis: at most six significant ones.
func shortDecimal(_ value: Double) -> String { significant(value, 6) }

/// 0.99436 as 99.44 %, with a space that does not break.
func percent(_ share: Double, _ digits: Int = 2) -> String { decimal(100 * share, digits) + "\u{a0}%" }
