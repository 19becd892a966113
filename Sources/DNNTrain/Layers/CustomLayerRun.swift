import DNNModel
import MNISTInfer

/// Takes the images of a shard through a layer of one's own, one after another, each copied to where it is contiguous.
final class CustomLayerRun: TrainableLayer {
  let name: String
  let parameters: [Parameter]
  private let layer: any CustomLayer
  private let layouts: LayerLayouts
  private let parameterCount: Int

  init(_ settings: LayerSettings, _ layer: any CustomLayer, layouts: LayerLayouts) {
    name = settings.name
    (self.layer, self.layouts) = (layer, layouts)
    let input = layouts.input.shape
    let count = layer.firstParameters(for: input) { 0 }.count
    parameterCount = count
    parameters =
      count == 0
      ? []
      : [
        Parameter(
          role: .custom, dimensions: [count], rows: 1, columns: count, stride: settings.padded(count), offset: 0,
          start: .drawn { generator in
            let values = layer.firstParameters(for: input) { generator.symmetricUnit() }
            precondition(values.count == count, "\(layer.name) has \(count) parameters, and then \(values.count)")
            return values
          })
      ]
  }

  /// One image's input, its gradient, and the output or its gradient.
  var scratchSize: Int { 2 * layouts.input.shape.count + layouts.output.shape.count }

  private struct Scratch {
    let input, inputGradient, output: UnsafeMutableBufferPointer<Float>

    init(_ start: UnsafeMutablePointer<Float>, _ layouts: LayerLayouts) {
      let (inputCount, outputCount) = (layouts.input.shape.count, layouts.output.shape.count)
      input = UnsafeMutableBufferPointer(start: start, count: inputCount)
      inputGradient = UnsafeMutableBufferPointer(start: start + inputCount, count: inputCount)
      output = UnsafeMutableBufferPointer(start: start + 2 * inputCount, count: outputCount)
    }
  }

  func forward(_ pass: LayerPass) {
    let scratch = Scratch(pass.scratch, layouts)
    let parameters = UnsafeBufferPointer(start: pass.parameters, count: parameterCount)
    for image in 0..<pass.imageCount {
      gather(pass.input + image * layouts.input.size, layouts.input, into: scratch.input)
      var output = scratch.output.mutableSpan
      layer.forward(UnsafeBufferPointer(scratch.input).span, parameters.span, output: &output)
      scatter(scratch.output, to: pass.output + image * layouts.output.size, layouts.output)
    }
  }

  func backward(_ pass: LayerPass, gradient: UnsafeMutablePointer<Float>) {
    let scratch = Scratch(pass.scratch, layouts)
    let parameters = UnsafeBufferPointer(start: pass.parameters, count: parameterCount)
    let gradients = UnsafeMutableBufferPointer(start: gradient, count: parameterCount)
    gradient.update(repeating: 0, count: self.parameters.reduce(0) { $0 + $1.size })
    for image in 0..<pass.imageCount {
      gather(pass.input + image * layouts.input.size, layouts.input, into: scratch.input)
      gather(
        pass.outputGradient + image * layouts.outputGradient.size, layouts.outputGradient, into: scratch.output)
      var inputGradient = scratch.inputGradient.mutableSpan
      var parameterGradient = gradients.mutableSpan
      layer.backward(
        UnsafeBufferPointer(scratch.input).span, parameters.span,
        outputGradient: UnsafeBufferPointer(scratch.output).span, inputGradient: &inputGradient,
        parameterGradient: &parameterGradient)
      if let layout = layouts.inputGradient, let start = pass.inputGradient {
        scatter(scratch.inputGradient, to: start + image * layout.size, layout)
      }
    }
  }

  private func gather(
    _ image: UnsafePointer<Float>, _ layout: ValueLayout, into elements: UnsafeMutableBufferPointer<Float>
  ) {
    forEachPixel(layout, elements) { $1.update(from: image + $0, count: layout.shape.channels) }
  }

  private func scatter(
    _ elements: UnsafeMutableBufferPointer<Float>, to image: UnsafeMutablePointer<Float>, _ layout: ValueLayout
  ) {
    forEachPixel(layout, elements) { (image + $0).update(from: $1, count: layout.shape.channels) }
  }

  /// Calls `body` with each pixel's offset in an image and its first element.
  private func forEachPixel(
    _ layout: ValueLayout, _ elements: UnsafeMutableBufferPointer<Float>,
    _ body: (Int, UnsafeMutablePointer<Float>) -> Void
  ) {
    guard var next = elements.baseAddress else { return }
    for y in 0..<layout.shape.height {
      for x in 0..<layout.shape.width {
        body(layout.pixel(y, x), next)
        next += layout.shape.channels
      }
    }
  }

  func export(to builder: inout ModelBuilder, inputs: [Int], values: UnsafePointer<Float>) throws -> Int {
    let shape = layouts.input.shape
    let exported = try layer.exported(
      Array(UnsafeBufferPointer(start: values, count: parameterCount)), input: shape)
    guard layouts.output.shape == shape else {
      throw CustomLayerError.exportDoesNotFit(layer: name, reason: "its output has another shape than its input")
    }
    var value = inputs[0]
    for (index, next) in exported.enumerated() {
      let name = index == 0 ? name : "\(name).\(index + 1)"
      value = try append(next, to: &builder, name: name, reading: value, shape)
    }
    return value
  }

  private func append(
    _ exported: ExportedLayer, to builder: inout ModelBuilder, name: String, reading value: Int, _ shape: Shape
  ) throws -> Int {
    func check(_ isRight: Bool, _ reason: String) throws {
      if !isRight { throw CustomLayerError.exportDoesNotFit(layer: name, reason: reason) }
    }
    switch exported {
    case .activation(let activation):
      try check(activation.isValid, "the parameter of its activation is out of range")
      return builder.append(.activation, name: name, inputs: [value], output: shape) { layer, _ in
        layer.activation = activation.kind
        layer.activationParameter = activation.parameter
      }
    case .channelwise(let factors, let terms, let activation):
      try check(activation.isValid, "the parameter of its activation is out of range")
      try check(
        factors.count == shape.channels && terms.count == shape.channels,
        "\(factors.count) factors and \(terms.count) terms for \(shape.channels) channels")
      return builder.append(
        ChannelTransform(factors: factors.map(Double.init), terms: terms.map(Double.init), activation: activation),
        name: name, inputs: [value], output: shape)
    }
  }
}
