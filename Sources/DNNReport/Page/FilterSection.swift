import DNNModel
import MNISTInfer

/// What the first layer looks for: its weights as pictures. Nothing for models whose first layer sees several channels.
func filterSection(_ model: ModelFile) -> Markup {
  guard let filters = firstFilters(model) else { return "" }
  let shown = filters.weights.prefix(64)
  let items = shown.enumerated().map { index, weights -> Markup in
    let address = pngAddress(colours(weights), width: filters.width, height: filters.height, channels: 3)
    return "<li><img src=\"\(address)\" alt=\"filter \(index)\"/></li>\n"
  }
  let count: Markup =
    shown.count == filters.weights.count ? "" : "The first \(shown.count) of \(filters.weights.count). "
  return """
    <h3>First layer's filters</h3>
    <p>\(count)Orange weights are positive, blue ones negative, white ones 0; each filter by its own largest.</p>
    <ul class="filters">\(items)</ul>
    """
}

/// One matrix a filter, row-major.
private struct Filters {
  var height: Int
  var width: Int
  var weights: [[Float]]
}

/// The weights of the layer that reads the picture, itself or flattened, if that has one channel.
private func firstFilters(_ model: ModelFile) -> Filters? {
  guard model.input.channels == 1 else { return nil }
  let flattened = model.layers.firstIndex { $0.kind == .flatten && $0.inputs == [0] }.map { $0 + 1 }
  let layer =
    model.layers.first { $0.kind == .convolution && $0.inputs == [0] }
    ?? model.layers.first { $0.kind == .dense && ($0.inputs == [0] || $0.inputs == [flattened]) }
  guard let layer, let tensor = layer.weights else { return nil }
  let isDense = layer.kind == .dense
  let height = isDense ? model.input.height : layer.window.height
  let width = isDense ? model.input.width : layer.window.width
  let values = model.values(ofTensor: tensor)
  // The filters count fastest in the tensor.
  let count = values.count / (height * width)
  return Filters(
    height: height, width: width,
    weights: (0..<count).map { filter in
      stride(from: filter, to: values.count, by: count).map { values[$0] }
    })
}

/// Red, green and blue for each weight, from blue through white to orange.
private func colours(_ weights: [Float]) -> [UInt8] {
  let largest = max(weights.reduce(0) { max($0, abs($1)) }, .leastNormalMagnitude)
  return weights.flatMap { weight -> [UInt8] in
    let end: [Float] = weight < 0 ? [0, 114, 178] : [213, 94, 0]
    return end.map { UInt8(255 + ($0 - 255) * min(abs(weight) / largest, 1)) }
  }
}
