/// What a program is called with. Parsing, `--help`, the manual page and the completions of shells all come from it.
public struct CommandLineSyntax: Sendable {
  /// As people type it, like "dnn-train", or "dnn-train search" for a subcommand.
  public let name: String
  /// What it does, in less than a line, without a full stop.
  public let summary: String
  /// What people do with it, the most usual first.
  public let examples: [Example]
  /// What stands behind the name, in one or several ways.
  public let usage: [String]
  /// More about it: paragraphs, and lines that are shown as they are, which begin with two spaces.
  public let description: String
  /// In the order of the help.
  public let groups: [OptionGroup]
  /// What words that are no options are, or nil where there must be none.
  public let arguments: Argument?
  /// What it can end with beside `done`, `failure` and `usage`.
  public let statuses: [ExitStatus]
  /// Programs of their own behind a word of this one.
  public let subcommands: [CommandLineSyntax]

  /// A command line that does something, with what that is.
  public struct Example: Sendable {
    /// The whole line.
    public let command: String
    /// Its purpose.
    public let purpose: String

    /// An example.
    public init(_ command: String, _ purpose: String) {
      self.command = command
      self.purpose = purpose
    }

    /// The command in lines that a shell reads as one.
    func lines(width: Int) -> [String] {
      let lines = wrappedCommand(command, width: width - 4)
      return lines.enumerated().map { index, line in
        (index == 0 ? "" : "  ") + line + (index < lines.count - 1 ? " \\" : "")
      }
    }
  }

  /// Words that are no options.
  public struct Argument: Sendable {
    /// What one is called in the help.
    public let name: String
    /// What one can be.
    public let values: ValueKind

    /// Arguments of one kind.
    public init(_ name: String, values: ValueKind) {
      self.name = name
      self.values = values
    }
  }

  /// Options that belong together.
  public struct OptionGroup: Sendable {
    /// Stands above them in the help.
    public let title: String
    /// In the order of the help.
    public let options: [Option]

    /// A group with its title.
    public init(_ title: String, _ options: [Option]) {
      self.title = title
      self.options = options
    }
  }

  /// A syntax; the options that every program has are added, last.
  public init(
    name: String, summary: String, examples: [Example], usage: [String], description: String = "",
    groups: [OptionGroup], arguments: Argument? = nil, statuses: [ExitStatus] = [],
    subcommands: [CommandLineSyntax] = []
  ) {
    self.name = name
    self.summary = summary
    self.examples = examples
    self.usage = usage
    self.description = description
    self.groups = groups + [OptionGroup("about this program", Option.common(isSubcommand: name.contains(" ")))]
    self.arguments = arguments
    self.statuses = statuses
    self.subcommands = subcommands
  }

  /// The same, with options in one group.
  public init(
    name: String, summary: String, examples: [Example], usage: [String], description: String = "",
    options: [Option], arguments: Argument? = nil, statuses: [ExitStatus] = []
  ) {
    self.init(
      name: name, summary: summary, examples: examples, usage: usage, description: description,
      groups: [OptionGroup("options", options)], arguments: arguments, statuses: statuses)
  }

  /// Of all groups.
  public var options: [Option] { groups.flatMap(\.options) }

  /// The word that a subcommand is called by: the last of its name.
  public var word: String { name.split(separator: " ").last.map(String.init) ?? name }

  /// The subcommand that a command line without the program's name begins with, if it does.
  func subcommand(calledBy words: [String]) -> CommandLineSyntax? { subcommands.first { $0.word == words.first } }

  /// All statuses it can end with, by number.
  var allStatuses: [ExitStatus] {
    ([.done, .failure, .usage] + statuses).sorted { $0.rawValue < $1.rawValue }
  }
}
