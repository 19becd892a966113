/// The options that a program takes, and how its help shows them.
public struct CommandLineSyntax: Sendable {
  /// One option.
  public struct Option: Sendable {
    /// With its dashes, like "--out".
    public let name: String
    /// What its value is called in the help, or nil for an option without a value.
    public let value: String?
    /// Lines of the help.
    public let help: [String]

    /// An option; `value` is nil if it takes none.
    public init(_ name: String, _ value: String? = nil, _ help: String...) {
      self.name = name
      self.value = value
      self.help = help
    }
  }

  /// The first lines of the help: how the program is called, what it does.
  public let usage: String
  /// In the order of the help.
  public let options: [Option]
  /// Whether words that are no options are allowed.
  public let takesArguments: Bool

  /// A syntax; `--help` and `--version` are added to the options.
  public init(usage: String, options: [Option], takesArguments: Bool) {
    self.usage = usage
    self.options =
      options + [Option("--help", nil, "print this and exit"), Option("--version", nil, "print the version and exit")]
    self.takesArguments = takesArguments
  }

  /// The text for `--help`.
  public var help: String {
    let names = options.map { option in option.name + (option.value.map { " " + $0 } ?? "") }
    let width = (names.map(\.count).max() ?? 0) + 2
    let lines = zip(names, options).flatMap { name, option in
      option.help.enumerated().map { index, line in
        let left = index == 0 ? name : ""
        return "  " + left + String(repeating: " ", count: width - left.count) + line
      }
    }
    return usage + "\n\noptions:\n" + lines.map { $0 + "\n" }.joined()
  }
}

/// A command line that the user must change: exit status 2.
public struct UsageError: Error, CustomStringConvertible {
  /// What is wrong and what to do.
  public let description: String

  /// An error with its message.
  public init(_ description: String) { self.description = description }
}

/// What stood on a command line.
public struct CommandLineOptions: Sendable {
  private var values: [String: String] = [:]
  /// Words that are no options, in their order.
  public private(set) var arguments: [String] = []

  /// Sorts words into options and arguments. `--name value` and `--name=value` mean the same; after `--` there are only
  /// arguments; a lone `-` is an argument.
  ///
  /// - Parameters:
  ///   - words: the command line without the program's name.
  ///   - syntax: what is allowed.
  /// - Throws: `UsageError` for an option that is unknown, there twice, or without its value.
  public init(_ words: [String], _ syntax: CommandLineSyntax) throws {
    var rest = words[...]
    while let word = rest.popFirst() {
      if word == "--" {
        for argument in rest { try append(argument, syntax) }
        return
      }
      if !word.hasPrefix("-") || word == "-" {
        try append(word, syntax)
        continue
      }
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard let option = syntax.options.first(where: { $0.name == parts[0] }) else {
        throw UsageError("unknown option \(parts[0])")
      }
      let value: String
      if option.value == nil {
        if parts.count > 1 { throw UsageError("\(option.name) takes no value") }
        value = ""
      } else {
        guard let next = parts.count > 1 ? parts[1] : rest.popFirst() else {
          throw UsageError("\(option.name) needs a value: \(option.value ?? "")")
        }
        value = next
      }
      guard values.updateValue(value, forKey: option.name) == nil else {
        throw UsageError("\(option.name) is there twice")
      }
    }
  }

  private mutating func append(_ argument: String, _ syntax: CommandLineSyntax) throws {
    if !syntax.takesArguments { throw UsageError("unexpected argument \"\(argument)\"") }
    arguments.append(argument)
  }

  /// Whether an option is there.
  public func has(_ name: String) -> Bool { values[name] != nil }

  /// An option's value, or nil without the option.
  public func text(_ name: String) -> String? { values[name] }

  /// A whole number, or nil without the option.
  ///
  /// - Throws: `UsageError` if the value is no number of the range.
  public func integer<Integer: FixedWidthInteger>(_ name: String, in range: ClosedRange<Integer>) throws -> Integer? {
    guard let text = values[name] else { return nil }
    guard let value = Integer(text), range.contains(value) else {
      throw UsageError(
        "\(name) \(text): give a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  /// A positive number, or nil without the option.
  ///
  /// - Throws: `UsageError` if the value is not above 0 and at most `largest`.
  public func positiveNumber(_ name: String, upTo largest: Float) throws -> Float? {
    guard let text = values[name] else { return nil }
    guard let value = Float(text), value > 0, value <= largest else {
      throw UsageError("\(name) \(text): give a number above 0 and up to \(largest)")
    }
    return value
  }
}
