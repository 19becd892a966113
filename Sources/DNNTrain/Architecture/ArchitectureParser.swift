import MNISTInfer

extension Architecture {
  /// Reads layers separated by semicolons:
  ///
  ///     conv OUTPUTS HEIGHTxWIDTH [stride N] [pad N] [relu]
  ///     maxpool SIZE [stride N]          SIZE is N or HEIGHTxWIDTH; the stride is the window unless given
  ///     flatten                          understood before a dense layer
  ///     dense OUTPUTS [relu]
  ///     dropout RATE
  ///
  /// - Parameter text: for example "conv 32 3x3 relu; maxpool 2; dense 10".
  /// - Throws: `ArchitectureError` with the place and what was expected there.
  public init(parsing text: String) throws {
    var parser = ArchitectureParser(text)
    var layers: [LayerSpecification] = []
    repeat { layers.append(try parser.layer()) } while try parser.separator()
    try self.init(layers: layers)
  }
}

/// Words of an architecture's text, one after another.
private struct ArchitectureParser {
  private struct Word {
    let text: String
    let column: Int
  }

  private static let layerNames = "a layer: conv, maxpool, flatten, dense or dropout"

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

  private var next: Word? { position < words.count ? words[position] : nil }

  private func failure(expected: String) -> ArchitectureError {
    let found = next.map { "\"\($0.text)\"" } ?? "the end"
    return .syntax(column: next?.column ?? endColumn, expected: expected, found: found)
  }

  /// Goes past a semicolon; false at the end of the text.
  mutating func separator() throws -> Bool {
    guard let next else { return false }
    guard next.text == ";" else { throw failure(expected: "\";\" before the next layer") }
    position += 1
    // One semicolon after the last layer does no harm.
    return self.next != nil
  }

  mutating func layer() throws -> LayerSpecification {
    if accept("conv") { return try convolution() }
    if accept("maxpool") { return try maxPool() }
    if accept("flatten") { return .flatten }
    if accept("dense") { return .dense(outputs: try outputs(), hasRelu: accept("relu")) }
    if accept("dropout") { return .dropout(rate: try rate()) }
    throw failure(expected: ArchitectureParser.layerNames)
  }

  private mutating func convolution() throws -> LayerSpecification {
    let outputs = try outputs()
    var window = try size(allowsOneNumber: false)
    if accept("stride") { try setStride(of: &window) }
    if accept("pad") {
      let padding = try number("the rows and columns of zeros", from: 0, ArchitectureLimits.window)
      (window.padTop, window.padLeft, window.padBottom, window.padRight) = (padding, padding, padding, padding)
    }
    return .convolution(outputs: outputs, window: window, hasRelu: accept("relu"))
  }

  private mutating func maxPool() throws -> LayerSpecification {
    var window = try size(allowsOneNumber: true)
    (window.strideHeight, window.strideWidth) = (window.height, window.width)
    if accept("stride") { try setStride(of: &window) }
    return .maxPool(window: window)
  }

  private mutating func setStride(of window: inout Window) throws {
    let stride = try number("the stride", ArchitectureLimits.window)
    (window.strideHeight, window.strideWidth) = (stride, stride)
  }

  private mutating func accept(_ keyword: String) -> Bool {
    guard next?.text == keyword else { return false }
    position += 1
    return true
  }

  private mutating func outputs() throws -> Int { try number("the number of outputs", ArchitectureLimits.outputs) }

  private mutating func number(_ what: String, from least: Int = 1, _ most: Int) throws -> Int {
    guard let value = next.flatMap({ Int($0.text) }), (least...most).contains(value) else {
      throw failure(expected: "\(what), \(least) to \(most)")
    }
    position += 1
    return value
  }

  private mutating func size(allowsOneNumber: Bool) throws -> Window {
    let parts = next?.text.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) } ?? []
    let range = 1...ArchitectureLimits.window
    guard parts.count == 2 || allowsOneNumber && parts.count == 1, let height = parts[0], let width = parts.last ?? nil,
      range.contains(height), range.contains(width)
    else {
      let example = allowsOneNumber ? "like 2 or 3x2" : "like 3x3"
      throw failure(expected: "the window's height and width \(example), up to \(ArchitectureLimits.window)")
    }
    position += 1
    return Window(height: height, width: width)
  }

  private mutating func rate() throws -> Double {
    guard let value = next.flatMap({ Double($0.text) }), value >= 0, value < 1 else {
      throw failure(expected: "the share of values to drop, from 0 up to but not including 1")
    }
    position += 1
    return value
  }
}
