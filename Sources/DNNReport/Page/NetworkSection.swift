import DNNModel
import MNISTInfer

/// The network from the picture down, with what each layer makes and costs.
func networkSection(_ evaluation: ModelEvaluation) -> Markup {
  """
  <h3>Network</h3>
  <p>\(evaluation.parameters) parameters, \(evaluation.multiplyAdds) multiply-adds for an image. The bars show each layer’s
  share of the multiply-adds.</p>
  <div class="scroll">\(NetworkDrawing(evaluation).svg())</div>
  \(filterSection(evaluation.model))
  """
}

/// A box for the picture and for each layer, one below the other. Values are counted as layers count what they read: 0 is the
/// picture, i + 1 the output of layer i.
private struct NetworkDrawing {
  private let model: ModelFile
  private let layers: [ModelSummary.Layer]
  private let multiplyAdds: Int
  /// Left of the boxes, where connections that skip layers have their place.
  private let left: Double

  private let rowHeight = 46.0
  private let boxHeight = 34.0
  private let boxWidth = 230.0

  init(_ evaluation: ModelEvaluation) {
    model = evaluation.model
    layers = evaluation.summary.layers
    multiplyAdds = evaluation.multiplyAdds
    let hasSkips = evaluation.summary.layers.enumerated().contains { $0.element.inputs != [$0.offset] }
    left = hasSkips ? 60 : 1
  }

  func svg() -> Markup {
    let (width, height) = (multiplyAddsX + 140, top(layers.count + 1))
    let shape = model.input
    return """
      <svg viewBox="0 0 \(width) \(height)" width="\(width)" height="\(height)" role="img" \
      aria-label="The network, layer by layer">
      <text class="faint" x="\(left)" y="16">layer</text><text class="faint" x="\(outputX)" y="16">output</text>\
      <text class="faint" x="\(parametersX)" y="16" text-anchor="end">parameters</text>\
      <text class="faint" x="\(multiplyAddsX)" y="16">multiply-adds</text>
      \(box(0, "picture", output: [shape.height, shape.width, shape.channels]))
      \(layers.indices.map(row))</svg>
      """
  }

  private var outputX: Double { left + boxWidth + 14 }
  private var parametersX: Double { outputX + 190 }
  private var multiplyAddsX: Double { parametersX + 18 }

  private func top(_ value: Int) -> Double { 26 + rowHeight * Double(value) }

  private func middle(_ value: Int) -> Double { top(value) + boxHeight / 2 }

  private func row(_ index: Int) -> Markup {
    let layer = layers[index]
    let value = index + 1
    let parameters = layer.parameters == 0 ? "" : grouped(layer.parameters)
    return """
      \(layer.inputs.map { connection(from: $0, to: value) })\
      \(box(value, describe(model.layers[index]), output: layer.output))\
      <text x="\(parametersX)" y="\(middle(value) + 5)" text-anchor="end">\(parameters)</text>\(costBar(value, layer))

      """
  }

  private func box(_ value: Int, _ text: String, output: [Int]) -> Markup {
    """
    <rect class="box" x="\(left)" y="\(top(value))" width="\(boxWidth)" height="\(boxHeight)" rx="6"/>\
    <text x="\(left + 12)" y="\(middle(value) + 5)">\(text)</text>\
    <text x="\(outputX)" y="\(middle(value) + 5)">\(sides(output))</text>
    """
  }

  private func costBar(_ value: Int, _ layer: ModelSummary.Layer) -> Markup {
    if layer.multiplyAdds == 0 { return "" }
    let share = Double(layer.multiplyAdds) / Double(multiplyAdds)
    return """
      <rect class="right" x="\(multiplyAddsX)" y="\(top(value) + 8)" width="\(max(80 * share, 1))" height="18"/>\
      <text class="faint" x="\(multiplyAddsX + 80 * share + 6)" y="\(middle(value) + 5)">\(percent(share, 1))</text>
      """
  }

  /// A line to the next box, or around those between, further out the more there are.
  private func connection(from value: Int, to next: Int) -> Markup {
    if value == next - 1 {
      let x = left + boxWidth / 2
      return "<path class=\"axis\" d=\"M\(x) \(top(value) + boxHeight)V\(top(next))\"/>"
    }
    let out = max(left - 10 - 6 * Double(next - value), 2)
    return "<path class=\"axis\" d=\"M\(left) \(middle(value))H\(out)V\(middle(next))H\(left)\"/>"
  }
}

private func describe(_ layer: LayerDescription) -> String {
  let window = "\(layer.window.height)×\(layer.window.width)"
  let groups = layer.window.groups > 1 ? ", \(layer.window.groups) groups" : ""
  let kind =
    switch layer.kind {
    case .convolution: "convolution \(window)\(groups)"
    case .dense: "dense"
    case .maxPool: "max pooling \(window)"
    case .averagePool: "average pooling \(window)"
    case .globalAveragePool: "global average pooling"
    case .add: "add"
    case .flatten: "flatten"
    case .activation: "activation"
    case .softmax: "softmax"
    }
  let activation =
    switch layer.activation {
    case .none: ""
    case .relu: ", ReLU"
    case .leakyRelu: ", leaky ReLU"
    case .clippedRelu: ", clipped ReLU"
    case .sigmoid: ", sigmoid"
    case .tanh: ", tanh"
    }
  return kind + activation
}

/// 26×26×16, or only 10 for a vector.
private func sides(_ shape: [Int]) -> String {
  shape.prefix(2).allSatisfy { $0 == 1 } ? "\(shape[2])" : shape.map(String.init).joined(separator: "×")
}
