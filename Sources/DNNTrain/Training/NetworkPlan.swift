import CKernels
import MNISTInfer

/// Shapes, names and memory layouts of a network, decided before any layer is made: a layer's layouts depend on its neighbours.
struct NetworkPlan {
  /// The architecture's layers, with the flattening that a dense layer implies.
  private(set) var specifications: [LayerSpecification] = []
  private(set) var names: [String] = []
  private(set) var values: [ValueLayout] = []
  private(set) var gradients: [ValueLayout?] = []
  private var geometries: [LayerGeometry] = []

  init(_ architecture: Architecture, input: Shape, _ kernels: dnn_kernels) throws {
    var shape = input
    for specification in architecture.layers {
      if case .dense = specification, shape.height * shape.width > 1 { try append(.flatten, &shape) }
      try append(specification, &shape)
    }
    try checkParameters(input)
    try layOut(input, kernels)
  }

  private mutating func append(_ specification: LayerSpecification, _ shape: inout Shape) throws {
    let prefix = specification.namePrefix
    let name = "\(prefix)\(names.count { $0.hasPrefix(prefix) } + 1)"
    guard let geometry = NetworkPlan.geometry(specification, shape) else {
      throw ArchitectureError.doesNotFit(layer: name, description: specification.description, input: shape)
    }
    specifications.append(specification)
    names.append(name)
    geometries.append(geometry)
    shape = geometry.output
  }

  private static func geometry(_ specification: LayerSpecification, _ input: Shape) -> LayerGeometry? {
    switch specification {
    case .convolution(let outputs, let window, _): Convolution.geometry(window, outputs: outputs, input: input)
    case .maxPool(let window): MaxPooling.geometry(window, input: input)
    case .flatten: LayerGeometry(output: Shape(count: input.count))
    case .dense(let outputs, _): LayerGeometry(output: Shape(count: outputs))
    case .dropout: LayerGeometry(output: input)
    }
  }

  /// In floating point, where products of sizes from outside cannot overflow.
  private func checkParameters(_ input: Shape) throws {
    var count = 0.0
    var shape = input
    for (specification, geometry) in zip(specifications, geometries) {
      switch specification {
      case .convolution(let outputs, let window, _):
        count += Double(window.height * window.width) * Double(shape.channels) * Double(outputs)
      case .dense(let outputs, _): count += Double(shape.count) * Double(outputs)
      case .maxPool, .flatten, .dropout: break
      }
      shape = geometry.output
    }
    if count > Double(ArchitectureLimits.parameters) {
      throw ArchitectureError.tooLarge(what: "the parameters", limit: ArchitectureLimits.parameters)
    }
  }

  private mutating func layOut(_ input: Shape, _ kernels: dnn_kernels) throws {
    var isLearning = false
    for index in 0...specifications.count {
      let shape = index == 0 ? input : geometries[index - 1].output
      let border = index < geometries.count ? geometries[index].inputBorder : ValueLayout.Border()
      let isUnpadded = index == 0 && specifications[0].readsScalars
      let padded = LayerSettings.padded(shape.channels, kernels)
      values.append(try ValueLayout(shape, pixelStride: isUnpadded ? shape.channels : padded, border: border))
      if index > 0 { isLearning = isLearning || specifications[index - 1].hasParameters }
      gradients.append(isLearning ? try gradientLayout(ofValue: index, padded) : nil)
    }
  }

  /// Only a layer that passes the gradient on wants zeros around and between its pixels.
  private func gradientLayout(ofValue index: Int, _ pixelStride: Int) throws -> ValueLayout {
    let producer = geometries[index - 1]
    if gradients[index - 1] == nil { return try ValueLayout(producer.output, pixelStride: pixelStride) }
    return try ValueLayout(
      producer.output, pixelStride: pixelStride, border: producer.gradientBorder, spacing: producer.gradientSpacing)
  }

  /// The gradient's layout of a layer's output that nobody writes is that of its values.
  func layouts(ofLayer index: Int) -> LayerLayouts {
    LayerLayouts(
      input: values[index], output: values[index + 1], inputGradient: gradients[index],
      outputGradient: gradients[index + 1] ?? values[index + 1])
  }

  /// Of the logits, which a dense layer always gives.
  var lastGradient: ValueLayout { gradients[specifications.count] ?? values[specifications.count] }
}
