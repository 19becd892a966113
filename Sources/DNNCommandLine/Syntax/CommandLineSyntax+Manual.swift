extension CommandLineSyntax {
  /// The manual page of a version of the program, in the language of man(7).
  public func manual(version: String) -> String {
    var page = Roff()
    // Without a date: the same version has the same page.
    page.line(".TH \(requestWord(name.uppercased())) 1 \"\" \"mnistinfer \(version)\" \"User Commands\"")
    page.section("NAME")
    page.text("\(name) - \(summary)")
    page.section("SYNOPSIS")
    page.synopsis([self] + subcommands)
    page.section("DESCRIPTION")
    page.prose(description.isEmpty ? summary + "." : description)
    page.section("OPTIONS")
    page.options(of: self, titles: groups.count > 2)
    if !subcommands.isEmpty { page.section("COMMANDS") }
    for subcommand in subcommands {
      page.line(".SS \(requestWord(subcommand.name))")
      page.prose(subcommand.description.isEmpty ? subcommand.summary + "." : subcommand.description)
      page.options(of: subcommand, titles: false)
    }
    page.section("EXIT STATUS")
    for status in allStatuses { page.item(bold("\(status.rawValue)"), status.meaning) }
    page.section("ENVIRONMENT")
    for variable in CommandLineSyntax.environment { page.item(bold(variable.name), variable.meaning) }
    page.section("EXAMPLES")
    for (index, example) in (examples + subcommands.flatMap(\.examples)).enumerated() {
      if index > 0 { page.line(".PP") }
      page.text(example.purpose.prefix(1).uppercased() + example.purpose.dropFirst() + ":")
      page.line(".PP")
      page.literal(example.lines(width: 66))
    }
    page.section("SEE ALSO")
    let others = CommandLineSyntax.programs.filter { $0 != name }
    page.line(others.map { bold($0) + "(1)" }.joined(separator: ",\n"))
    return page.source
  }

  /// What all programs look at.
  private static let environment: [(name: String, meaning: String)] = [
    ("NO_COLOR", "if it is there and not empty, nothing is set off by bold letters or colours"),
    (
      "DNN_INSTRUCTION_SET",
      "portable, avx2, avxvnni or avx512: the program uses no better instructions of the processor than that"
    ),
  ]

  private static let programs = ["dnn-bench", "dnn-classify", "dnn-eval", "dnn-info", "dnn-quantize", "dnn-train"]
}

/// The source of a manual page.
private struct Roff {
  private(set) var source = ""

  mutating func line(_ request: String) { source += request + "\n" }

  mutating func section(_ title: String) { line(".SH \(title)") }

  /// A paragraph's words. Its lines stay below 80 bytes, escapes included, as mandoc advises.
  mutating func text(_ text: String) {
    for part in wrapped(text, width: 64) { line(escaped(part)) }
  }

  mutating func prose(_ description: String) {
    for (index, piece) in Prose.pieces(of: description).enumerated() {
      if index > 0 { line(".PP") }
      switch piece {
      case .paragraph(let text): self.text(text)
      case .literal(let lines): literal(lines)
      }
    }
  }

  /// Lines as they are, indented.
  mutating func literal(_ lines: [String]) {
    line(".RS 4\n.EX")
    for part in lines { line(escaped(part)) }
    line(".EE\n.RE")
  }

  mutating func item(_ title: String, _ meaning: String) {
    line(".TP\n\(title)")
    text(meaning)
  }

  mutating func synopsis(_ programs: [CommandLineSyntax]) {
    let lines = programs.flatMap { syntax in
      syntax.usage.map { ".B \(requestWord(syntax.name))\n\(escaped($0))" }
    }
    line(lines.joined(separator: "\n.br\n"))
  }

  mutating func options(of syntax: CommandLineSyntax, titles: Bool) {
    for group in syntax.groups {
      if titles { line(".SS \(requestWord(group.title.prefix(1).uppercased() + group.title.dropFirst()))") }
      for option in group.options {
        let names = [option.alias, option.name].compactMap(\.self).map(bold).joined(separator: ", ")
        item(names + (option.value.map { " \\fI\(escaped($0))\\fR" } ?? ""), option.help)
      }
    }
  }
}

private func bold(_ text: String) -> String { "\\fB\(escaped(text))\\fR" }

/// One argument of a request.
private func requestWord(_ text: String) -> String { "\"" + escaped(text) + "\"" }

/// Text that roff shows as it is: groff_char(7) says what its own characters are. A line must not begin with a control character.
private func escaped(_ text: String) -> String {
  var result = ""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\\": result += "\\e"
    case "-": result += "\\-"
    case "'": result += "\\(aq"
    case "`": result += "\\(ga"
    case "\"": result += "\\(dq"
    case "^": result += "\\(ha"
    case "~": result += "\\(ti"
    // Where there is only ASCII, mandoc shows a question mark for it.
    case "…": result += "..."
    case " "..."~": result.unicodeScalars.append(scalar)
    default: result += "\\[u\(hexadecimal(scalar.value))]"
    }
  }
  return result.hasPrefix(".") ? "\\&" + result : result
}

/// At least four digits, as roff wants them.
private func hexadecimal(_ value: UInt32) -> String {
  let digits = String(value, radix: 16, uppercase: true)
  return String(repeating: "0", count: max(4 - digits.count, 0)) + digits
}
