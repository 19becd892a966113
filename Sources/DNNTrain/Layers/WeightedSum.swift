import DNNModel

/// What convolutions and dense layers learn: weights and, but before batch normalisation, which would take it away again, a bias.
struct WeightedSum {
  let weights: Parameter
  let bias: Parameter?

  /// - Parameters:
  ///   - settings: the layer's.
  ///   - dimensions: of the weights in a model's file; the last one are the outputs.
  ///   - outputsOfInput: outputs that depend on an input, for each place of the window.
  init(_ settings: LayerSettings, dimensions: [Int], outputsOfInput: Int) {
    let (rows, columns) = (dimensions.dropLast().reduce(1, *), dimensions[dimensions.count - 1])
    let stride = settings.padded(columns)
    weights = Parameter(
      role: .weights, dimensions: dimensions, rows: rows, columns: columns, stride: stride, offset: 0,
      start: .random(bound: settings.initialisation.bound(inputs: rows, outputs: outputsOfInput)))
    bias =
      settings.hasBias ? .vector(.bias, columns: columns, stride: stride, offset: weights.size, start: 0) : nil
  }

  var parameters: [Parameter] { [weights] + (bias.map { [$0] } ?? []) }

  /// Sets the bias's gradient to zero, for the images' to be added.
  ///
  /// - Returns: where it stands, or nil without a bias.
  func clearBias(in gradient: UnsafeMutablePointer<Float>) -> UnsafeMutablePointer<Float>? {
    guard let bias else { return nil }
    (gradient + bias.offset).update(repeating: 0, count: bias.size)
    return gradient + bias.offset
  }

  /// Appends weights and bias to a model's layer.
  func export(
    to layer: inout LayerDescription, _ builder: inout ModelBuilder, name: String, values: UnsafePointer<Float>
  ) {
    layer.weights = builder.append(weights, of: name, values)
    layer.bias = bias.map { builder.append($0, of: name, values) }
  }
}
