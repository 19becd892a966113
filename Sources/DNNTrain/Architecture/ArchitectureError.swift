import MNISTInfer

/// Sizes that an architecture may ask for: far above what a classifier of small images needs, far below where sums overflow.
enum ArchitectureLimits {
  /// Outputs of a layer.
  static let outputs = 1 << 16
  /// Rows or columns of a window, a stride, a padding, a dilation.
  static let window = 256
  /// Floats of one layer's values for one image, zeros around them included: a shard of 16 then fits 32-bit offsets.
  static let elements = 1 << 24
  /// Parameters of all layers: 256 MiB of float32, and as much again for each shard's gradient.
  static let parameters = 1 << 26
}

/// Why an architecture cannot be built.
public enum ArchitectureError: Error, Equatable, CustomStringConvertible {
  /// The text; the column counts from 1, and the hint, if there is one, says what may have been meant.
  case syntax(column: Int, expected: String, found: String, hint: String? = nil)
  /// The network does not end in logits.
  case lastLayer
  /// A layer's output that no layer reads.
  case unread(layer: String)
  /// A number that no layer takes, like a dropout rate of 2.
  case outOfRange(layer: String)
  /// A window is larger than the layer's padded input.
  case doesNotFit(layer: String, description: String, input: Shape)
  /// An input that a layer of one's own does not take.
  case notTaken(layer: String, input: Shape)
  /// A pooling window that would hold nothing but padding.
  case poolPadding(layer: String, description: String)
  /// Groups that do not divide the channels.
  case groups(layer: String, description: String, input: Int)
  /// A sum of two values of different shapes.
  case differentShapes(layer: String, first: Shape, second: Shape)
  /// The last layer's output is no vector.
  case notAVector(Shape)
  /// A layer to freeze that the network does not have, and those that it has.
  case noSuchLayer(name: String, layers: [String])
  /// A network that would not fit memory.
  case tooLarge(what: String, limit: Int)

  /// What is wrong, where, and what to do.
  public var description: String {
    switch self {
    case .syntax(let column, let expected, let found, let hint):
      "column \(column): expected \(expected), found \(found)" + (hint.map { "; \($0)" } ?? "")
    case .lastLayer:
      "the architecture must end in a layer that has an output for each class: a dense layer without activation, like "
        + "\"dense 10\", or \"globalavgpool\" after a convolution"
    case .unread(let layer): "no layer reads the output of \(layer): add it somewhere or leave the layer out"
    case .outOfRange(let layer): "the layer \"\(layer)\" has a number that is out of range"
    case .doesNotFit(let layer, let description, let input):
      "layer \(layer) (\(description)): the window does not fit its input of \(text(input)): "
        + "take a smaller window or leave out a layer before it"
    case .notTaken(let layer, let input): "layer \(layer) does not take an input of \(text(input))"
    case .poolPadding(let layer, let description):
      "layer \(layer) (\(description)): the padding must be smaller than the window"
    case .groups(let layer, let description, let input):
      "layer \(layer) (\(description)): the groups must divide both its \(input) input channels and its outputs"
    case .differentShapes(let layer, let first, let second):
      "layer \(layer) adds values of different shapes, \(text(first)) and \(text(second)): "
        + "bring one to the other's shape, for example by a convolution of 1x1"
    case .notAVector(let shape):
      "the last layer gives \(text(shape)) and not a vector: end in a dense layer or \"globalavgpool\""
    case .noSuchLayer(let name, let layers):
      "there is no layer \(name) to freeze: name one or more of \(layers.joined(separator: ", ")), or one kind without number"
    case .tooLarge(let what, let limit): "the architecture is too large: \(what) must not exceed \(limit)"
    }
  }
}

private func text(_ shape: Shape) -> String { "\(shape.height)x\(shape.width)x\(shape.channels)" }
