import DNNModel

/// A command line that the user must change: exit status 2.
public struct UsageError: Error, CustomStringConvertible {
  /// What is wrong and what to do.
  public let description: String

  /// An error with its message.
  public init(_ description: String) { self.description = description }
}

/// What stood on a command line.
public struct CommandLineOptions: Sendable {
  /// What the words were read by: the program's syntax or that of a subcommand.
  public let syntax: CommandLineSyntax
  /// The subcommand's word, or nil for the program itself.
  public let subcommand: String?
  private var values: [String: String] = [:]
  /// Words that are no options, in their order.
  public private(set) var arguments: [String] = []

  /// Sorts words into options and arguments. `--name value` and `--name=value` mean the same; after `--` there are only
  /// arguments; a lone `-` is an argument. A subcommand's word comes first.
  ///
  /// - Parameters:
  ///   - words: the command line without the program's name.
  ///   - syntax: what is allowed.
  /// - Throws: `UsageError` for an option that is unknown, there twice, without its value, or with one that it does not have.
  public init(_ words: [String], _ syntax: CommandLineSyntax) throws {
    let called = syntax.subcommand(calledBy: words)
    self.syntax = called ?? syntax
    subcommand = called?.word
    var rest = words.dropFirst(called == nil ? 0 : 1)
    while let word = rest.popFirst() {
      if word == "--" {
        for argument in rest { try append(argument) }
        return
      }
      if word.hasPrefix("-") && word != "-" {
        try read(word, &rest)
      } else {
        try append(word)
      }
    }
  }

  private mutating func read(_ word: String, _ rest: inout ArraySlice<String>) throws {
    let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard let option = syntax.options.first(where: { $0.name == parts[0] || $0.alias == parts[0] }) else {
      throw UsageError("unknown option \(parts[0])" + hint(parts[0], syntax.options.map(\.name)))
    }
    var value = ""
    if let valueName = option.value {
      guard let next = parts.count > 1 ? parts[1] : rest.popFirst() else {
        throw UsageError("\(option.name) needs a value: \(valueName)")
      }
      value = next
    } else if parts.count > 1 {
      throw UsageError("\(option.name) takes no value")
    }
    let words = option.values.words
    if option.values.isClosed && !words.contains(value) {
      throw UsageError("\(option.name) \(value): take one of \(words.joined(separator: ", "))" + hint(value, words))
    }
    guard values.updateValue(value, forKey: option.name) == nil else {
      throw UsageError("\(option.name) is there twice")
    }
  }

  private mutating func append(_ argument: String) throws {
    guard syntax.arguments != nil else {
      throw UsageError("unexpected argument \"\(argument)\"" + hint(argument, syntax.subcommands.map(\.word)))
    }
    arguments.append(argument)
  }

  private func hint(_ word: String, _ candidates: [String]) -> String {
    suggestion(for: word, among: candidates).map { "; did you mean \($0)?" } ?? ""
  }

  /// The same with other values of some options.
  public func replacing(_ replacements: [String: String]) -> CommandLineOptions {
    var options = self
    options.values.merge(replacements) { $1 }
    return options
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
