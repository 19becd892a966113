import DNNModel
import MNISTInfer

/// The words of an architecture's text, and the numbers among them.
struct ArchitectureWords {
  struct Word {
    let text: String
    let column: Int
  }

  private var words: [Word] = []
  private var position = 0
  private let endColumn: Int

  /// A semicolon is a word of its own.
  init(_ text: String) {
    var (current, start, column) = ("", 1, 1)
    func word() -> [Word] { current.isEmpty ? [] : [Word(text: current, column: start)] }
    for character in text {
      if character == ";" || character.isWhitespace {
        words += word()
        current = ""
        if character == ";" { words.append(Word(text: ";", column: column)) }
      } else {
        if current.isEmpty { start = column }
        current.append(character)
      }
      column += 1
    }
    words += word()
    endColumn = column
  }

  var next: Word? { position < words.count ? words[position] : nil }

  mutating func skip() { position += 1 }

  mutating func accept(_ keyword: String) -> Bool {
    guard next?.text == keyword else { return false }
    position += 1
    return true
  }

  /// The text is wrong at the next word.
  ///
  /// - Parameters:
  ///   - expected: what should stand there.
  ///   - candidates: words of the language that could, or none where something else must.
  /// - Returns: the error.
  func failure(expected: String, _ candidates: [String] = []) -> ArchitectureError {
    let found = next.map { "\"\($0.text)\"" } ?? "the end"
    return .syntax(
      column: next?.column ?? endColumn, expected: expected, found: found,
      hint: candidates.isEmpty ? nil : next.flatMap { ArchitectureWords.hint($0.text, candidates) })
  }

  /// For words of other languages for the same, and mistyped ones.
  private static func hint(_ word: String, _ candidates: [String]) -> String? {
    switch word.lowercased() {
    case "softmax": "softmax comes by itself after the last layer: leave it out"
    case "same": "\"pad 1\" keeps the size under a window of 3x3, \"pad 2\" under one of 5x5"
    case let lowercased:
      suggestion(for: lowercased, among: candidates).flatMap { $0 == word ? nil : "did you mean \($0)?" }
    }
  }

  mutating func outputs() throws -> Int { try number("the number of outputs", ArchitectureLimits.outputs) }

  mutating func rate() throws -> Double {
    try real("the share of values to drop, from 0 up to but not including 1") { $0 >= 0 && $0 < 1 }
  }

  /// What `activation()` reads.
  static let activations = ["relu", "leakyrelu", "relu6", "clippedrelu", "sigmoid", "tanh"]

  /// An activation, or none where the next word is another.
  mutating func activation() throws -> ActivationFunction {
    if accept("relu") { return .relu }
    if accept("relu6") { return .relu6 }
    if accept("sigmoid") { return .sigmoid }
    if accept("tanh") { return .tanh }
    if accept("leakyrelu") {
      return .leakyRelu(slope: try real("the slope left of zero, between -1 and 1") { abs($0) < 1 })
    }
    if accept("clippedrelu") {
      return .clippedRelu(bound: try real("the largest output, above 0") { $0 > 0 && $0.isFinite })
    }
    return .none
  }

  mutating func poolingWindow() throws -> Window {
    var window = try size(allowsOneNumber: true)
    (window.strideHeight, window.strideWidth) = (window.height, window.width)
    try readSteps(of: &window, allowsDilation: false)
    return window
  }

  mutating func size(allowsOneNumber: Bool) throws -> Window {
    let example = allowsOneNumber ? "like 2 or 3x2" : "like 3x3"
    let what = "the window's height and width \(example), up to \(ArchitectureLimits.window)"
    let (height, width) = try pair(what, from: 1, allowsOneNumber: allowsOneNumber)
    return Window(height: height, width: width)
  }

  /// What may follow a window's size, in any order.
  mutating func readSteps(of window: inout Window, allowsDilation: Bool = true, allowsGroups: Bool = false) throws {
    while true {
      if accept("stride") {
        (window.strideHeight, window.strideWidth) = try pair("the stride, like 2 or 2x1", from: 1)
      } else if accept("pad") {
        try readPadding(of: &window)
      } else if allowsDilation, accept("dilation") {
        (window.dilationHeight, window.dilationWidth) = try pair("the dilation, like 2 or 2x1", from: 1)
      } else if allowsGroups, accept("groups") {
        window.groups = try number("the number of groups", ArchitectureLimits.outputs)
      } else {
        return
      }
    }
  }

  private mutating func readPadding(of window: inout Window) throws {
    let sides = numbers(separator: ",")
    if sides.count == 4, sides.allSatisfy({ (0...ArchitectureLimits.window).contains($0) }) {
      (window.padTop, window.padLeft, window.padBottom, window.padRight) = (sides[0], sides[1], sides[2], sides[3])
      return position += 1
    }
    let what = "the rows and columns of zeros, like 1 or 2x1 or 0,0,1,1 for top, left, bottom and right, each"
    let (rows, columns) = try pair("\(what) up to \(ArchitectureLimits.window)", from: 0)
    (window.padTop, window.padBottom, window.padLeft, window.padRight) = (rows, rows, columns, columns)
  }

  private mutating func number(_ what: String, _ most: Int) throws -> Int {
    guard let value = next.flatMap({ Int($0.text) }), (1...most).contains(value) else {
      throw failure(expected: "\(what), 1 to \(most)")
    }
    position += 1
    return value
  }

  /// "3x2", or "3" for 3x3.
  private mutating func pair(_ what: String, from least: Int, allowsOneNumber: Bool = true) throws -> (Int, Int) {
    let parts = numbers(separator: "x")
    let range = least...ArchitectureLimits.window
    guard parts.count == 2 || allowsOneNumber && parts.count == 1, parts.allSatisfy(range.contains) else {
      throw failure(expected: what)
    }
    position += 1
    return (parts[0], parts[parts.count - 1])
  }

  /// The whole numbers in the next word; empty if not all its parts are such.
  private func numbers(separator: Character) -> [Int] {
    let parts = next?.text.split(separator: separator, omittingEmptySubsequences: false).map { Int($0) } ?? []
    return parts.contains(nil) ? [] : parts.compactMap { $0 }
  }

  private mutating func real<Number: BinaryFloatingPoint & LosslessStringConvertible>(
    _ what: String, _ isValid: (Number) -> Bool
  ) throws -> Number {
    guard let value = next.flatMap({ Number($0.text) }), isValid(value) else { throw failure(expected: what) }
    position += 1
    return value
  }
}
