import MNISTInfer

/// A network's layers, from the picture to the logits; the softmax that follows is understood.
public struct Architecture: Sendable {
  /// At least one; the last is `dense` without ReLU, with an output for each class.
  public let layers: [LayerSpecification]
  /// As `Architecture.init(parsing:)` reads it, in its usual form.
  public var description: String { layers.map(\.description).joined(separator: "; ") }

  /// - Throws: `ArchitectureError.lastLayer` if the last layer gives no logits.
  init(layers: [LayerSpecification]) throws {
    guard case .dense(_, hasRelu: false)? = layers.last else { throw ArchitectureError.lastLayer }
    self.layers = layers
  }

  /// Outputs of the last layer.
  public var classCount: Int {
    if case .dense(let outputs, _)? = layers.last { outputs } else { 0 }
  }
}

/// One layer of an architecture.
public enum LayerSpecification: Equatable, Sendable, CustomStringConvertible {
  case convolution(outputs: Int, window: Window, hasRelu: Bool)
  case maxPool(window: Window)
  case flatten
  case dense(outputs: Int, hasRelu: Bool)
  case dropout(rate: Double)

  /// As an architecture's text has it.
  public var description: String {
    switch self {
    case .convolution(let outputs, let window, let hasRelu):
      "conv \(outputs) \(window.height)x\(window.width)"
        + (window.strideHeight == 1 ? "" : " stride \(window.strideHeight)")
        + (window.padTop == 0 ? "" : " pad \(window.padTop)") + (hasRelu ? " relu" : "")
    case .maxPool(let window):
      "maxpool " + (window.height == window.width ? "\(window.height)" : "\(window.height)x\(window.width)")
        + (window.strideHeight == window.height && window.strideWidth == window.width
          ? "" : " stride \(window.strideHeight)")
    case .flatten: "flatten"
    case .dense(let outputs, let hasRelu): "dense \(outputs)" + (hasRelu ? " relu" : "")
    case .dropout(let rate): "dropout \(rate)"
    }
  }

  /// What the layers of this kind are called, before their number.
  var namePrefix: String {
    switch self {
    case .convolution: "conv"
    case .maxPool: "pool"
    case .flatten: "flatten"
    case .dense: "dense"
    case .dropout: "dropout"
    }
  }

  /// Whether single floats of the input are read and never vectors, so that its pixels need no padding.
  var readsScalars: Bool {
    switch self {
    case .convolution, .flatten, .dense: true
    case .maxPool, .dropout: false
    }
  }

  /// Whether the layer learns.
  var hasParameters: Bool {
    switch self {
    case .convolution, .dense: true
    case .maxPool, .flatten, .dropout: false
    }
  }
}

/// Sizes that an architecture may ask for: far above what a classifier of small images needs, far below where sums overflow.
enum ArchitectureLimits {
  /// Outputs of a layer.
  static let outputs = 1 << 16
  /// Rows or columns of a window, a stride, a padding.
  static let window = 256
  /// Floats of one layer's values for one image, zeros around them included: a shard of 16 then fits 32-bit offsets.
  static let elements = 1 << 24
  /// Parameters of all layers: 256 MiB of float32, and as much again for each shard's gradient.
  static let parameters = 1 << 26
}

/// Why an architecture cannot be built.
public enum ArchitectureError: Error, Equatable, CustomStringConvertible {
  /// The text; the column counts from 1.
  case syntax(column: Int, expected: String, found: String)
  /// The network does not end in logits.
  case lastLayer
  /// A window is larger than the layer's padded input.
  case doesNotFit(layer: String, description: String, input: Shape)
  /// A network that would not fit memory.
  case tooLarge(what: String, limit: Int)

  /// What is wrong, where, and what to do.
  public var description: String {
    switch self {
    case .syntax(let column, let expected, let found):
      "the architecture, column \(column): expected \(expected), found \(found)"
    case .lastLayer:
      "the architecture must end in a dense layer without relu that has an output for each class, like \"dense 10\""
    case .doesNotFit(let layer, let description, let input):
      "layer \(layer) (\(description)): the window does not fit its input of \(input.height)x\(input.width): "
        + "take a smaller window or leave out a layer before it"
    case .tooLarge(let what, let limit): "the architecture is too large: \(what) must not exceed \(limit)"
    }
  }
}
