extension CommandLineSyntax {
  /// A script for fish.
  func fishCompletion() -> String {
    let words = subcommands.map(\.word)
    let outside = words.isEmpty ? nil : "not __fish_seen_subcommand_from \(words.joined(separator: " "))"
    let commands = subcommands.map { subcommand in
      "complete -c \(name) -n '__fish_use_subcommand' -a \(subcommand.word) -d \(quoted(subcommand.summary))\n"
    }
    return """
      # Completes \(name) in fish. Written by \(name) --completion fish.
      complete -c \(name) -f
      \(fishLines(of: self, condition: outside))\(commands.joined())\(subcommands.map {
        fishLines(of: $0, condition: "__fish_seen_subcommand_from \($0.word)")
      }.joined())
      """
  }

  private func fishLines(of syntax: CommandLineSyntax, condition: String?) -> String {
    let start = "complete -c \(name)" + (condition.map { " -n \(quoted($0))" } ?? "")
    var lines = syntax.options.map { option in
      let short = option.alias.map { " -s \($0.dropFirst())" } ?? ""
      let value = option.value == nil ? "" : " -x" + fishCandidates(option.values)
      return "\(start) -l \(option.name.dropFirst(2))\(short)\(value) -d \(quoted(option.help))"
    }
    if let argument = syntax.arguments { lines.append(start + fishCandidates(argument.values)) }
    return lines.map { $0 + "\n" }.joined()
  }

  /// fish offers files with the ending first, and all others after them.
  private func fishCandidates(_ kind: ValueKind) -> String {
    var candidates = kind.words.map { $0.contains(" ") ? "\"\($0)\"" : $0 }
    switch kind.paths {
    case .folders: candidates.append("(__fish_complete_directories)")
    case .files(let endings): candidates += endings.map { "(__fish_complete_suffix .\($0))" }
    case nil: break
    }
    return candidates.isEmpty ? "" : " -a " + quoted(candidates.joined(separator: " "))
  }
}
