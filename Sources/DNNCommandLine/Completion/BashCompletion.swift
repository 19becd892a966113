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
    \(body().map { "  " + $0 + "\n" }.joined())}

    complete -F _\(identifier) \(name)

    """
  }

  private func body() -> [String] {
    let branches = subcommands.flatMap { subcommand in
      ["if [[ $COMP_CWORD -gt 1 && ${COMP_WORDS[1]} == \(subcommand.word) ]]; then"]
        + candidates(of: subcommand).map { "  " + $0 } + ["  return", "fi"]
    }
    let words = subcommands.map(\.word).joined(separator: " ")
    let first = words.isEmpty ? [] : ["[[ $COMP_CWORD == 1 ]] && _\(identifier)_words \(quoted(words))"]
    return branches + candidates(of: self) + first
  }

  /// Commands that complete the value of an option, or else options and arguments.
  private func candidates(of syntax: CommandLineSyntax) -> [String] {
    let values = syntax.options.filter { $0.value != nil }.map { option in
      "  \(option.name)) " + commands(for: option.values).map { $0 + "; " }.joined() + "return ;;"
    }
    let names = quoted(syntax.options.map(\.name).joined(separator: " "))
    return ["case $previous in"] + values + [
      "esac", "if [[ $word == -* ]]; then _\(identifier)_words \(names); return; fi",
    ]
      + (syntax.arguments.map { commands(for: $0.values) } ?? [])
  }

  private func commands(for kind: ValueKind) -> [String] {
    let words = kind.words.isEmpty ? [] : ["_\(identifier)_words \(quoted(kind.words.joined(separator: " ")))"]
    switch kind.paths {
    case .folders: return words + ["_\(identifier)_paths"]
    case .files(let endings): return words + ["_\(identifier)_paths \(endings.joined(separator: " "))"]
    case nil: return words
    }
  }
}
