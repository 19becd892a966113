extension CommandLineSyntax {
  /// A script that needs nothing but bash 4.
  func bashCompletion() -> String {
    """
    # Completes \(name) in bash. Written by \(name) --completion bash.

    # Words that begin like the one to complete.
    _\(identifier)_words() { mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -W "$1" -- "$word"); }

    # Folders, and files with one of the endings.
    _\(identifier)_paths() {
      local ending
      compopt -o filenames 2> /dev/null
      mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -d -- "$word")
      for ending in "$@"; do
        mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -X "!*.$ending" -- "$word")
      done
    }

    _\(identifier)() {
      local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}
      COMPREPLY=()
      # bash takes --option=value apart.
      [[ $previous == "=" ]] && previous=${COMP_WORDS[COMP_CWORD-2]}
      [[ $word == "=" ]] && word=
    \(subcommands.map { bashDispatch($0) }.joined())\(bashCases(of: self, words: subcommands.map(\.word)))}

    complete -F _\(identifier) \(name)

    """
  }

  private func bashDispatch(_ subcommand: CommandLineSyntax) -> String {
    """
      if [[ ${COMP_WORDS[1]} == \(subcommand.word) && $COMP_CWORD -gt 1 ]]; then
    \(bashCases(of: subcommand, words: []))    return
      fi

    """
  }

  /// The value of an option, or else options and arguments.
  private func bashCases(of syntax: CommandLineSyntax, words: [String]) -> String {
    let cases = syntax.options.filter { $0.value != nil }.map {
      "    \($0.name)) \(bashCommands($0.values)) return ;;\n"
    }
    let names = syntax.options.map(\.name).joined(separator: " ")
    let first =
      words.isEmpty ? "" : " [[ $COMP_CWORD == 1 ]] && _\(identifier)_words \(quoted(words.joined(separator: " ")));"
    return """
        case $previous in
      \(cases.joined())  esac
        if [[ $word == -* ]]; then _\(identifier)_words \(quoted(names)); return; fi
       \(first) \(syntax.arguments.map { bashCommands($0.values) } ?? "")

      """
  }

  private func bashCommands(_ kind: ValueKind) -> String {
    var commands = kind.words.isEmpty ? "" : "_\(identifier)_words \(quoted(kind.words.joined(separator: " ")));"
    switch kind.paths {
    case .folders: commands += " _\(identifier)_paths;"
    case .files(let endings): commands += " _\(identifier)_paths \(endings.joined(separator: " "));"
    case nil: break
    }
    return commands
  }
}
