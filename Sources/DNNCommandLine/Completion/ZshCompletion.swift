extension CommandLineSyntax {
  /// A script for zsh's completion system: as a file `_NAME` in a folder of `fpath`, or read by `source`.
  func zshCompletion() -> String {
    let words = subcommands.map { "\($0.word)\\:\"\(zshEscaped($0.summary))\"" }.joined(separator: " ")
    let commands = subcommands.isEmpty ? "" : "    \(quoted("1:command:((\(words)))")) \\\n"
    return """
      #compdef \(name)
      # Completes \(name) in zsh. Written by \(name) --completion zsh.

      _\(name)() {
      \(subcommands.map(zshDispatch).joined())  _arguments -s -S \\
      \(zshSpecifications(of: self))\(commands)}

      if [[ $funcstack[1] == _\(name) ]]; then _\(name) "$@"; else compdef _\(name) \(name); fi

      """
  }

  private func zshDispatch(_ subcommand: CommandLineSyntax) -> String {
    """
      if (( CURRENT > 2 )) && [[ $words[2] == \(subcommand.word) ]]; then
        shift words
        (( CURRENT-- ))
        _arguments -s -S \\
    \(zshSpecifications(of: subcommand))
        return
      fi

    """
  }

  private func zshSpecifications(of syntax: CommandLineSyntax) -> String {
    var lines = syntax.options.map { option in
      let names = [option.alias, option.name].compactMap(\.self)
      let exclusion = "(" + names.joined(separator: " ") + ")"
      let value = option.value.map { "=[\(zshEscaped(option.help))]:\($0):\(zshAction(option.values))" }
      return names.map { quoted(exclusion + $0 + (value ?? "[\(zshEscaped(option.help))]")) }.joined(separator: " ")
    }
    if let argument = syntax.arguments { lines.append(quoted("*:\(argument.name):\(zshAction(argument.values))")) }
    return lines.map { "    \($0) \\\n" }.joined()
  }

  private func zshAction(_ kind: ValueKind) -> String {
    let words = kind.words.isEmpty ? nil : "(" + kind.words.joined(separator: " ") + ")"
    let paths: String? =
      switch kind.paths {
      case .folders: "_files -/"
      case .files(let endings): "_files -g '*.(\(endings.joined(separator: "|")))(-.)'"
      case nil: nil
      }
    guard let words, let paths else { return words ?? paths ?? " " }
    return "{_alternative \"words\\:word\\:\(words)\" \"files\\:file\\:\(paths)\"}"
  }
}

/// What `_arguments` would take for the end of a description or a message.
private func zshEscaped(_ text: String) -> String {
  text.flatMap { "[]:\\()".contains($0) ? "\\\($0)" : "\($0)" }.map(String.init).joined()
}
