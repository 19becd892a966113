extension CommandLineSyntax {
  /// The text for `--help` in lines of `width` characters; `emphasis` makes a title stand out.
  public func help(width: Int, emphasis: (String) -> String = { $0 }) -> String {
    var blocks = ["\(emphasis(name)): \(summary)", exampleHelp(width, emphasis), usageHelp(width, emphasis)]
    blocks += descriptionHelp(width: width)
    if !subcommands.isEmpty {
      blocks.append(section(subcommands.map { ($0.word, $0.summary) }, "commands", width: width, emphasis))
    }
    blocks += groups.map { group in
      section(group.options.map { ($0.title, $0.help) }, group.title, width: width, emphasis)
    }
    blocks.append(
      section(allStatuses.map { ("\($0.rawValue)", $0.meaning) }, "exit status", width: width, emphasis))
    return blocks.filter { !$0.isEmpty }.joined(separator: "\n\n") + "\n"
  }

  private func exampleHelp(_ width: Int, _ emphasis: (String) -> String) -> String {
    let lines = examples.flatMap { ["# " + $0.purpose] + $0.lines(width: width - 2) }
    return ([emphasis("examples:")] + lines.map { "  " + $0 }).joined(separator: "\n")
  }

  private func usageHelp(_ width: Int, _ emphasis: (String) -> String) -> String {
    let indentation = String(repeating: " ", count: "usage: \(name) ".count)
    return usage.enumerated().map { index, words in
      let lines = wrappedCommand(words, width: width - indentation.count)
      return (index == 0 ? emphasis("usage:") : "      ") + " \(name) " + lines.joined(separator: "\n" + indentation)
    }.joined(separator: "\n")
  }

  private func descriptionHelp(width: Int) -> [String] {
    Prose.pieces(of: description).map { piece in
      switch piece {
      case .paragraph(let text): wrapped(text, width: width).joined(separator: "\n")
      case .literal(let lines): lines.map { "  " + $0 }.joined(separator: "\n")
      }
    }
  }

  /// Names on the left, what they mean on the right; a long name has a line to itself.
  private func section(
    _ rows: [(name: String, meaning: String)], _ title: String, width: Int, _ emphasis: (String) -> String
  ) -> String {
    let longest = 24
    let column = min(rows.map(\.name.count).max() ?? 0, longest) + 4
    let indentation = String(repeating: " ", count: column)
    let lines = rows.flatMap { row -> [String] in
      let text = wrapped(row.meaning, width: max(width - column, 12))
      let left = "  " + row.name
      guard left.count + 2 <= column, let first = text.first else { return [left] + text.map { indentation + $0 } }
      let space = String(repeating: " ", count: column - left.count)
      return [left + space + first] + text.dropFirst().map { indentation + $0 }
    }
    return ([emphasis(title + ":")] + lines).joined(separator: "\n")
  }
}
