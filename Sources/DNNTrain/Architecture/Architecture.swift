import MNISTInfer

/// A network's layers, from the picture to the logits; the softmax that follows is understood.
public struct Architecture: Sendable {
  /// One layer and what it reads.
  public struct Node: Equatable, Sendable {
    /// What it computes.
    public let specification: LayerSpecification
    /// Values it reads, one or, for a sum, two: 0 is the picture, i + 1 the output of node i.
    public let inputs: [Int]
  }

  /// At least one, in an order in which every node comes after those it reads. The last gives the logits.
  public let nodes: [Node]
  /// Outputs of the last node.
  public let classCount: Int

  /// - Throws: `ArchitectureError` if a value is read by nobody, or a number is out of range.
  init(nodes: [Node], classCount: Int) throws {
    self.nodes = nodes
    self.classCount = classCount
    let read = Set(nodes.flatMap(\.inputs))
    for (index, node) in nodes.enumerated() {
      if index + 1 < nodes.count && !read.contains(index + 1) {
        throw ArchitectureError.unread(layer: "\"\(node.specification)\"")
      }
      if !node.specification.isInRange {
        throw ArchitectureError.outOfRange(layer: node.specification.description)
      }
    }
  }

  /// Layers that people write down, whose end must tell the classes.
  ///
  /// - Throws: `ArchitectureError`, `lastLayer` if the last layer gives no logits.
  init(nodes: [Node]) throws {
    guard let classCount = Architecture.classCount(nodes) else { throw ArchitectureError.lastLayer }
    try self.init(nodes: nodes, classCount: classCount)
  }

  private static func classCount(_ nodes: [Node]) -> Int? {
    switch nodes.last?.specification {
    case .dense(let outputs, .none): outputs
    case .globalAveragePool: channels(nodes, ofValue: nodes[nodes.count - 1].inputs[0])
    default: nil
    }
  }

  /// The channels of a value, if some layer before it says how many it makes.
  private static func channels(_ nodes: [Node], ofValue value: Int) -> Int? {
    var value = value
    while value > 0 {
      switch nodes[value - 1].specification {
      case .convolution(let outputs, _, _), .dense(let outputs, _): return outputs
      case .flatten: return nil
      default: value = nodes[value - 1].inputs[0]
      }
    }
    return nil
  }

  /// The same with another rate in every dropout layer.
  ///
  /// - Throws: `ArchitectureError` if the rate is out of range.
  /// - Returns: nil if there is no dropout layer.
  package func withDropout(rate: Double) throws -> Architecture? {
    var isChanged = false
    let changed = nodes.map { node in
      guard case .dropout = node.specification else { return node }
      isChanged = true
      return Node(specification: .dropout(rate: rate), inputs: node.inputs)
    }
    return isChanged ? try Architecture(nodes: changed, classCount: classCount) : nil
  }

  /// As `Architecture.init(parsing:)` reads it, in its usual form: values that are read elsewhere than by the next layer are
  /// called x1, x2…
  public var description: String {
    var names = [0: "input"]
    for (index, node) in nodes.enumerated() {
      let (elsewhere, isNext) = (node.inputs.dropFirst(), node.inputs[0] == index)
      for value in (isNext ? [] : [node.inputs[0]]) + elsewhere where names[value] == nil { names[value] = "" }
    }
    for (number, value) in names.keys.filter({ $0 > 0 }).sorted().enumerated() { names[value] = "x\(number + 1)" }
    return nodes.enumerated().map { index, node in
      let from = node.inputs[0] == index ? "" : "from \(names[node.inputs[0]] ?? ""); "
      return from + text(node, names) + (index == nodes.count - 1 ? "" : names[index + 1].map { " as \($0)" } ?? "")
    }.joined(separator: "; ")
  }

  private func text(_ node: Node, _ names: [Int: String]) -> String {
    guard case .add(let activation) = node.specification else { return node.specification.description }
    return "add \(names[node.inputs[1]] ?? "")" + activation.suffix
  }
}

extension LayerSpecification {
  /// Whether its numbers make sense whatever the input. What the parser and a file's reader have checked is so already.
  fileprivate var isInRange: Bool {
    let counts = 1...ArchitectureLimits.outputs
    let isSound: Bool =
      switch self {
      case .convolution(let outputs, let window, _): counts.contains(outputs) && window.isInRange
      case .dense(let outputs, _): counts.contains(outputs)
      case .depthwise(let window, _), .maxPool(let window), .averagePool(let window): window.isInRange
      case .dropout(let rate): rate >= 0 && rate < 1
      case .activation(let activation): activation != .none
      case .globalAveragePool, .batchNormalisation, .flatten, .add, .custom: true
      }
    return isSound && activation.isValid
  }
}

extension Window {
  fileprivate var isInRange: Bool {
    let range = 1...ArchitectureLimits.window
    return [height, width, strideHeight, strideWidth, dilationHeight, dilationWidth].allSatisfy(range.contains)
      && [padTop, padLeft, padBottom, padRight].allSatisfy { (0...ArchitectureLimits.window).contains($0) }
      && (1...ArchitectureLimits.outputs).contains(groups)
  }
}
