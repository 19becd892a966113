import MNISTInfer

extension Architecture {
  /// What the text of an architecture may say, for help.
  public static let syntax = """
    Layers, separated by semicolons, each of which reads the one before it:
      conv OUTPUTS HxW [stride N] [pad N] [dilation N] [groups N] [ACTIVATION]
      depthwise HxW [stride N] [pad N] [dilation N] [ACTIVATION]
                                    each channel by itself
      dense OUTPUTS [ACTIVATION]
      batchnorm [ACTIVATION]        folded into the conv or dense layer before it
      maxpool N [stride N] [pad N]  a window of NxN, or HxW; the stride is the
                                    window unless given
      avgpool N [stride N] [pad N]
      globalavgpool                 the mean of each channel
      dropout RATE
      flatten                       understood before a dense layer
      add NAME [ACTIVATION]         adds the output that was given that name
      ACTIVATION                    relu, leakyrelu SLOPE, relu6,
                                    clippedrelu BOUND, sigmoid or tanh
    "as NAME" after a layer names its output; "from NAME" as a layer of its own goes on from there; "input" is the picture.
    N in stride, pad and dilation may be NxN, vertical and horizontal; pad may be TOP,LEFT,BOTTOM,RIGHT.
    A residual block: "batchnorm relu as a; conv 16 3x3 pad 1; batchnorm relu; conv 16 3x3 pad 1; batchnorm; add a relu".
    """

  /// Reads layers as `Architecture.syntax` describes them.
  ///
  /// - Parameter text: for example "conv 32 3x3 relu; maxpool 2; dense 10".
  /// - Throws: `ArchitectureError` with the place and what was expected there.
  public init(parsing text: String) throws {
    var parser = ArchitectureParser(text)
    repeat { try parser.statement() } while try parser.separator()
    try self.init(nodes: parser.finish())
  }
}

/// Statements of an architecture's text, one after another.
private struct ArchitectureParser {
  private static let layers = [
    "conv", "depthwise", "dense", "batchnorm", "maxpool", "avgpool", "globalavgpool", "dropout", "flatten", "add",
  ]
  /// What may follow a layer's own numbers.
  private static let options = ["stride", "pad", "dilation", "groups"] + ArchitectureWords.activations + ["as"]

  private var words: ArchitectureWords
  private var nodes: [Architecture.Node] = []
  /// By name: the value it stands for.
  private var names = ["input": 0]
  /// The value that the next layer reads.
  private var current = 0
  /// Values that the text named, with the place of the name, until something reads them by it.
  private var unread: [Int: ArchitectureWords.Word] = [:]

  init(_ text: String) { words = ArchitectureWords(text) }

  /// Goes past a semicolon; false at the end of the text.
  mutating func separator() throws -> Bool {
    guard words.next != nil else { return false }
    guard words.accept(";") else {
      throw words.failure(expected: "\";\" before the next layer", ArchitectureParser.options)
    }
    // One semicolon after the last layer does no harm.
    return words.next != nil
  }

  func finish() throws -> [Architecture.Node] {
    if let word = unread.min(by: { $0.key < $1.key })?.value {
      throw ArchitectureError.syntax(
        column: word.column, expected: "a name that a later \"add\" or \"from\" reads", found: "\"\(word.text)\"")
    }
    return nodes
  }

  mutating func statement() throws {
    if words.next?.text == "from" {
      // Left for another value: only a name can bring this one back.
      guard names.values.contains(current) else {
        throw words.failure(expected: "\"as NAME\" after the layer before, which nothing would read otherwise")
      }
      words.skip()
      return current = try name()
    }
    unread[current] = nil
    try layer()
    current = nodes.count
    if words.accept("as") { try nameCurrent() }
  }

  private mutating func append(_ specification: LayerSpecification, _ other: Int? = nil) {
    nodes.append(Architecture.Node(specification: specification, inputs: [current] + (other.map { [$0] } ?? [])))
  }

  private mutating func nameCurrent() throws {
    guard let word = words.next, isName(word.text) else {
      throw words.failure(expected: "a name: a letter, then letters, digits or _")
    }
    guard names[word.text] == nil else { throw words.failure(expected: "a name that is not taken") }
    names[word.text] = current
    unread[current] = word
    words.skip()
  }

  private func isName(_ text: String) -> Bool {
    guard let first = text.first, first.isLetter else { return false }
    return text.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
  }

  /// The value of a name that stands next.
  private mutating func name() throws -> Int {
    guard let word = words.next, let value = names[word.text] else {
      let known = names.sorted { $0.value < $1.value }.map(\.key).joined(separator: ", ")
      throw words.failure(expected: "a name given before: \(known)")
    }
    words.skip()
    unread[value] = nil
    return value
  }

  private mutating func layer() throws {
    if words.accept("conv") {
      let outputs = try words.outputs()
      var window = try words.size(allowsOneNumber: false)
      try words.readSteps(of: &window, allowsGroups: true)
      append(.convolution(outputs: outputs, window: window, activation: try words.activation()))
    } else if words.accept("depthwise") {
      var window = try words.size(allowsOneNumber: false)
      try words.readSteps(of: &window)
      append(.depthwise(window: window, activation: try words.activation()))
    } else if words.accept("dense") {
      append(.dense(outputs: try words.outputs(), activation: try words.activation()))
    } else if words.accept("batchnorm") {
      append(.batchNormalisation(activation: try words.activation()))
    } else if words.accept("maxpool") {
      append(.maxPool(window: try words.poolingWindow()))
    } else if words.accept("avgpool") {
      append(.averagePool(window: try words.poolingWindow()))
    } else if words.accept("globalavgpool") {
      append(.globalAveragePool)
    } else if words.accept("dropout") {
      append(.dropout(rate: try words.rate()))
    } else if words.accept("flatten") {
      append(.flatten)
    } else if words.accept("add") {
      let other = try name()
      append(.add(activation: try words.activation()), other)
    } else {
      let activation = try words.activation()
      guard activation != .none else {
        let layers = ArchitectureParser.layers
        throw words.failure(
          expected: "a layer: \(layers.joined(separator: ", ")), an activation, or \"from\"",
          layers + ArchitectureWords.activations + ["from"])
      }
      append(.activation(activation))
    }
  }
}
