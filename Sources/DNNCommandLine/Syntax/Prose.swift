/// Pieces of a description.
enum Prose: Equatable {
  /// Words that may be broken into lines anywhere.
  case paragraph(String)
  /// Lines that are shown as they are, without the two spaces that mark them.
  case literal([String])

  /// The pieces of a text: paragraphs end at empty lines and at lines that begin with two spaces.
  static func pieces(of text: String) -> [Prose] {
    var result: [Prose] = []
    var isNew = true
    for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
      if line.isEmpty {
        isNew = true
      } else if line.hasPrefix("  ") {
        let line = String(line.dropFirst(2))
        if case .literal(let lines) = result.last, !isNew {
          result[result.count - 1] = .literal(lines + [line])
        } else {
          result.append(.literal([line]))
        }
        isNew = false
      } else if case .paragraph(let words) = result.last, !isNew {
        result[result.count - 1] = .paragraph(words + " " + line)
      } else {
        result.append(.paragraph(line))
        isNew = false
      }
    }
    return result
  }
}

/// Lines of at most `width` characters, broken at spaces; a longer word has a line to itself.
func wrapped(_ text: String, width: Int) -> [String] {
  wrapped(text.split(separator: " ").map(String.init), width: width)
}

/// A command line or what stands for one, broken before options only, so that each keeps its value.
func wrappedCommand(_ text: String, width: Int) -> [String] {
  var phrases: [String] = []
  for word in text.split(separator: " ") {
    if phrases.isEmpty || word.hasPrefix("--") || word.hasPrefix("[") {
      phrases.append(String(word))
    } else {
      phrases[phrases.count - 1] += " " + word
    }
  }
  return wrapped(phrases, width: width)
}

private func wrapped(_ phrases: [String], width: Int) -> [String] {
  var lines: [String] = []
  for phrase in phrases {
    if let last = lines.last, last.count + 1 + phrase.count <= width {
      lines[lines.count - 1] = last + " " + phrase
    } else {
      lines.append(phrase)
    }
  }
  return lines
}
