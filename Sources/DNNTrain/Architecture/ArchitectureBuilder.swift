import MNISTInfer

extension Architecture {
  /// Describes a network as a chain of calls. A value may be used any number of times:
  ///
  ///     let network = try Architecture { picture in
  ///       let stem = picture.conv(16, window: 3, padding: 1).batchNorm(.relu)
  ///       let branch = stem.conv(16, window: 3, padding: 1).batchNorm(.relu).conv(16, window: 3, padding: 1).batchNorm()
  ///       return branch.add(stem, .relu).globalAveragePool().dense(10)
  ///     }
  ///
  /// - Parameter body: takes the picture and returns the logits.
  /// - Throws: `ArchitectureError` for a number that is out of range, an output that nothing reads, or an end without logits.
  public init(_ body: (LayerOutput) -> LayerOutput) throws {
    let graph = LayerOutput.Graph()
    let logits = body(LayerOutput(graph: graph, value: 0))
    guard logits.value == graph.nodes.count else {
      // Whatever came after them is read by nobody.
      throw ArchitectureError.unread(layer: "\"\(graph.nodes[graph.nodes.count - 1].specification)\"")
    }
    try self.init(nodes: graph.nodes)
  }
}

/// A layer's output, or the picture, while an architecture is described. Each method appends a layer that reads it.
public struct LayerOutput {
  fileprivate final class Graph {
    var nodes: [Architecture.Node] = []
  }

  fileprivate let graph: Graph
  fileprivate let value: Int

  private func append(_ specification: LayerSpecification, reading others: [LayerOutput] = []) -> LayerOutput {
    precondition(others.allSatisfy { $0.graph === graph }, "a value of another architecture")
    graph.nodes.append(Architecture.Node(specification: specification, inputs: [value] + others.map(\.value)))
    return LayerOutput(graph: graph, value: graph.nodes.count)
  }

  /// A convolution with a square window.
  public func conv(
    _ outputs: Int, window: Int, stride: Int = 1, padding: Int = 0, dilation: Int = 1, groups: Int = 1,
    _ activation: ActivationFunction = .none
  ) -> LayerOutput {
    var shape = Window(square: window, stride: stride, padding: padding, dilation: dilation)
    shape.groups = groups
    return conv(outputs, shape, activation)
  }

  /// A convolution with a window of any form.
  public func conv(_ outputs: Int, _ window: Window, _ activation: ActivationFunction = .none) -> LayerOutput {
    append(.convolution(outputs: outputs, window: window, activation: activation))
  }

  /// A convolution of each channel by itself, with a square window.
  public func depthwise(
    window: Int, stride: Int = 1, padding: Int = 0, dilation: Int = 1, _ activation: ActivationFunction = .none
  ) -> LayerOutput {
    depthwise(Window(square: window, stride: stride, padding: padding, dilation: dilation), activation)
  }

  /// A convolution of each channel by itself, with a window of any form.
  public func depthwise(_ window: Window, _ activation: ActivationFunction = .none) -> LayerOutput {
    append(.depthwise(window: window, activation: activation))
  }

  /// A weighted sum of everything for each output.
  public func dense(_ outputs: Int, _ activation: ActivationFunction = .none) -> LayerOutput {
    append(.dense(outputs: outputs, activation: activation))
  }

  /// The maximum over square windows, which stand side by side unless a stride is given.
  public func maxPool(_ window: Int, stride: Int? = nil, padding: Int = 0) -> LayerOutput {
    maxPool(Window(square: window, stride: stride ?? window, padding: padding, dilation: 1))
  }

  /// The maximum over windows of any form.
  public func maxPool(_ window: Window) -> LayerOutput { append(.maxPool(window: window)) }

  /// The mean over square windows, which stand side by side unless a stride is given.
  public func averagePool(_ window: Int, stride: Int? = nil, padding: Int = 0) -> LayerOutput {
    averagePool(Window(square: window, stride: stride ?? window, padding: padding, dilation: 1))
  }

  /// The mean over windows of any form.
  public func averagePool(_ window: Window) -> LayerOutput { append(.averagePool(window: window)) }

  /// The mean of each channel.
  public func globalAveragePool() -> LayerOutput { append(.globalAveragePool) }

  /// Batch normalisation, then an activation.
  public func batchNorm(_ activation: ActivationFunction = .none) -> LayerOutput {
    append(.batchNormalisation(activation: activation))
  }

  /// In training, drops this share of the values.
  public func dropout(_ rate: Double) -> LayerOutput { append(.dropout(rate: rate)) }

  /// An image as a vector.
  public func flatten() -> LayerOutput { append(.flatten) }

  /// The sum of two values, then an activation.
  public func add(_ other: LayerOutput, _ activation: ActivationFunction = .none) -> LayerOutput {
    append(.add(activation: activation), reading: [other])
  }

  /// An activation alone.
  public func activation(_ activation: ActivationFunction) -> LayerOutput { append(.activation(activation)) }

  /// A layer of one's own.
  public func layer(_ layer: any CustomLayer) -> LayerOutput { append(.custom(CustomLayerReference(layer: layer))) }
}

extension Window {
  fileprivate init(square size: Int, stride: Int, padding: Int, dilation: Int) {
    self.init(height: size, width: size, strideHeight: stride, strideWidth: stride)
    (padTop, padLeft, padBottom, padRight) = (padding, padding, padding, padding)
    (dilationHeight, dilationWidth) = (dilation, dilation)
  }
}
