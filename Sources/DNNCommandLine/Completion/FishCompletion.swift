extension CommandLineSyntax {
  /// A script for fish.
  func fishCompletion() -> String {
    let words = subcommands.map(\.word)
    let outside = words.isEmpty ? nil : "not __fish_seen_subcommand_from \(words.joined(separator: " "))"
    let commands = subcommands.map { subcommand in
      "complete -c \(name) -n '__fish_use_subcommand' -a \(subcommand.word) -d \(quoted(subcommand.summary))\n"
    }
    let inside = subcommands.map { fishLines(of: $0, condition: "__fish_seen_subcommand_from \($0.word)") }
    return #"""
      # Completes \#(name) in fish. Written by \#(name) --completion fish.

      # Folders, and files with one of the endings.
      function __\#(identifier)_paths
          set -l token (string replace -r -- '^--[^=]*=' '' (commandline -ct))
          complete -C "'' $token" | string match -r -- "^[^\t]*(?:/|\.(?:$argv))(?:\t.*)?\$"
      end

      complete -c \#(name) -f
      \#(fishLines(of: self, condition: outside))\#(commands.joined())\#(inside.joined())
      """#
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

  private func fishCandidates(_ kind: ValueKind) -> String {
    var candidates = kind.words
    switch kind.paths {
    case .folders: candidates.append("(__\(identifier)_paths \"\")")
    case .files(let endings): candidates.append("(__\(identifier)_paths \"\(endings.joined(separator: "|"))\")")
    case nil: break
    }
    return candidates.isEmpty ? "" : " -a " + quoted(candidates.joined(separator: " "))
  }
}
