extension CommandLineSyntax {
  /// One option.
  public struct Option: Sendable {
    /// With its dashes, like "--out".
    public let name: String
    /// A short name that means the same, like "-h".
    public let alias: String?
    /// What its value is called in the help, or nil for an option without a value.
    public let value: String?
    /// What the value can be.
    public let values: ValueKind
    /// What it does.
    public let help: String

    /// An option; `value` is nil if it takes none. The pieces of the help are joined by spaces.
    public init(_ name: String, _ value: String? = nil, _ help: String..., values: ValueKind = .text) {
      self.init(name, alias: nil, value, help.joined(separator: " "), values: values)
    }

    private init(_ name: String, alias: String?, _ value: String?, _ help: String, values: ValueKind = .text) {
      self.name = name
      self.alias = alias
      self.value = value
      self.values = values
      self.help = help
    }

    /// As the help shows it: "-h, --help", "--out FILE".
    var title: String {
      (alias.map { $0 + ", " } ?? "") + name + (value.map { " " + $0 } ?? "")
    }

    /// Options that every program has; a subcommand is described by its program's manual and completion.
    static func common(isSubcommand: Bool) -> [Option] {
      let help = Option("--help", alias: "-h", nil, "print this and exit")
      if isSubcommand { return [help] }
      return [
        help,
        Option("--version", nil, "print the version and exit"),
        Option("--manual", nil, "print the manual page and exit: --manual | man -l - shows it"),
        Option(
          "--completion", "SHELL", "print what makes bash, zsh or fish complete this program's options, and exit",
          values: .oneOf(Shell.allCases.map(\.rawValue))),
      ]
    }
  }

  /// What a value or an argument can be. Shells complete it; where only certain words are allowed, parsing checks it.
  public struct ValueKind: Sendable, Equatable {
    /// Words it can be, of letters, digits and dashes.
    public let words: [String]
    /// Which files it can be; nil for none.
    public let paths: Paths?
    /// Whether anything but the words is an error.
    let isClosed: Bool

    /// Files that a value can name. Folders are always on the way to one.
    public enum Paths: Sendable, Equatable {
      /// Folders only.
      case folders
      /// Files with a name that ends in a dot and one of these.
      case files([String])
    }

    private init(words: [String] = [], paths: Paths? = nil, isClosed: Bool = false) {
      self.words = words
      self.paths = paths
      self.isClosed = isClosed
    }

    /// Anything.
    public static let text = ValueKind()
    /// A folder.
    public static let folder = ValueKind(paths: .folders)
    /// A file whose name ends in one of these.
    public static func file(_ extensions: String...) -> ValueKind { ValueKind(paths: .files(extensions)) }
    /// Labelled images, as training takes them.
    public static let data = words("mnist", "fashion-mnist", "synthetic", or: .file("csv"))
    /// One of these words and nothing else.
    public static func oneOf(_ words: [String]) -> ValueKind { ValueKind(words: words, isClosed: true) }
    /// One of these words, or anything else.
    public static func usually(_ words: String...) -> ValueKind { ValueKind(words: words) }
    /// One of these words, or a file that another kind says.
    public static func words(_ words: String..., or kind: ValueKind) -> ValueKind {
      ValueKind(words: words, paths: kind.paths)
    }
  }
}
