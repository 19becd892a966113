/// Shells that can complete a program's options.
public enum Shell: String, CaseIterable, Sendable {
  /// The one of the GNU project.
  case bash
  /// The Z shell.
  case zsh
  /// The friendly interactive shell.
  case fish
}

extension CommandLineSyntax {
  /// What a shell reads to complete the program's options, their values and its arguments.
  public func completion(for shell: Shell) -> String {
    switch shell {
    case .bash: bashCompletion()
    case .zsh: zshCompletion()
    case .fish: fishCompletion()
    }
  }

  /// The program's name as part of the name of a function.
  var identifier: String { String(name.map { $0.isLetter || $0.isNumber ? $0 : "_" }) }
}

/// One word of a shell, whatever the text is; bash, zsh and fish agree that a quote within quotes is closed, escaped, reopened.
func quoted(_ text: String) -> String {
  "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
}
