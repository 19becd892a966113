import CKernels
import MNISTInfer

/// Shapes, names and memory layouts of a network, decided before any layer is made: a layer's layouts depend on its neighbours.
struct NetworkPlan {
  /// A layer of the network.
  struct Node {
    let specification: LayerSpecification
    let name: String
    /// Values it reads: 0 is the picture, i + 1 the output of node i.
    let inputs: [Int]
    let geometry: LayerGeometry
    /// For a weighted sum: whether it has a bias. Batch normalisation takes it away again, so before one it is left out.
    var hasBias = true
    /// For batch normalisation: whether it can become part of the weighted sum before it in a model's file.
    var isFolded = false
    /// Whether it keeps the parameters that it starts with.
    var isFrozen = false

    /// Whether single floats of the input are read and never vectors, so that its pixels need no padding.
    var readsScalars: Bool { specification.readsScalars && !geometry.isWinograd }
  }

  /// The architecture's layers, with the flattening that a dense layer implies, and activations that need their input as layers
  /// of their own.
  private(set) var nodes: [Node] = []
  /// By value of the architecture: the value of this plan.
  private(set) var valueOfArchitecture = [0]
  private(set) var values: [ValueLayout] = []
  /// nil where nothing before the value learns.
  private(set) var gradients: [ValueLayout?] = []
  /// By node and input: whether the node is the first to write the gradient of what it reads, on the way back.
  private(set) var isFirstWriter: [[Bool]] = []
  private let input: Shape
  private var nameCounts: [String: Int] = [:]

  init(_ architecture: Architecture, input: Shape, _ kernels: dnn_kernels, frozenLayers: [String] = []) throws {
    self.input = input
    for node in architecture.nodes {
      valueOfArchitecture.append(try append(node.specification, node.inputs.map { valueOfArchitecture[$0] }))
    }
    let logits = shape(nodes.count)
    guard logits.height == 1, logits.width == 1 else { throw ArchitectureError.notAVector(logits) }
    try checkParameters()
    try freeze(frozenLayers)
    markFolding()
    markWriters()
    try layOut(kernels)
  }

  func shape(_ value: Int) -> Shape { value == 0 ? input : nodes[value - 1].geometry.output }

  /// Appends a layer, and whatever it implies.
  ///
  /// - Returns: the value it makes.
  private mutating func append(_ specification: LayerSpecification, _ inputs: [Int]) throws -> Int {
    if case .dense = specification, shape(inputs[0]).height * shape(inputs[0]).width > 1 {
      return try append(specification, [append(.flatten, inputs)])
    }
    let activation = specification.activation
    if !activation.isInvertible && specification != .activation(activation) {
      return try append(.activation(activation), [append(specification.withoutActivation, inputs)])
    }
    let prefix = specification.namePrefix
    nameCounts[prefix, default: 0] += 1
    let name = "\(prefix)\(nameCounts[prefix, default: 0])"
    let geometry = try NetworkPlan.geometry(specification, inputs.map(shape), name: name)
    // Layer after layer, sizes could grow past all numbers.
    let output = geometry.output
    guard Double(output.height) * Double(output.width) * Double(output.channels) <= Double(ArchitectureLimits.elements)
    else { throw ArchitectureError.tooLarge(what: "the values of one layer", limit: ArchitectureLimits.elements) }
    nodes.append(Node(specification: specification, name: name, inputs: inputs, geometry: geometry))
    return nodes.count
  }

  private static func geometry(
    _ specification: LayerSpecification, _ inputs: [Shape], name: String
  ) throws -> LayerGeometry {
    let input = inputs[0]
    let description = specification.description
    func fitting(_ geometry: LayerGeometry?) throws -> LayerGeometry {
      guard let geometry else {
        throw ArchitectureError.doesNotFit(layer: name, description: description, input: input)
      }
      return geometry
    }
    switch specification {
    case .convolution(let outputs, let window, _):
      guard input.channels.isMultiple(of: window.groups), outputs.isMultiple(of: window.groups) else {
        throw ArchitectureError.groups(layer: name, description: description, input: input.channels)
      }
      return try fitting(ConvolutionTables.geometry(window, outputs: outputs, input: input))
    case .depthwise(let window, _):
      return try fitting(ConvolutionTables.geometry(window, outputs: input.channels, input: input))
    case .maxPool(let window), .averagePool(let window):
      guard max(window.padTop, window.padBottom) < window.height, max(window.padLeft, window.padRight) < window.width
      else { throw ArchitectureError.poolPadding(layer: name, description: description) }
      return try fitting(PoolingRun.geometry(window, input: input))
    case .dense(let outputs, _): return LayerGeometry(output: Shape(count: outputs))
    case .globalAveragePool: return LayerGeometry(output: Shape(count: input.channels))
    case .flatten: return LayerGeometry(output: Shape(count: input.count))
    case .dropout, .batchNormalisation, .activation: return LayerGeometry(output: input)
    case .custom(let reference):
      guard let output = reference.layer.output(for: input) else {
        throw ArchitectureError.notTaken(layer: name, input: input)
      }
      return LayerGeometry(output: output)
    case .add:
      guard input == inputs[1] else {
        throw ArchitectureError.differentShapes(layer: name, first: input, second: inputs[1])
      }
      return LayerGeometry(output: input)
    }
  }

  /// In floating point, where products of sizes from outside cannot overflow.
  private func checkParameters() throws {
    let count = nodes.reduce(0.0) { $0 + weightCount($1) }
    if count > Double(ArchitectureLimits.parameters) {
      throw ArchitectureError.tooLarge(what: "the parameters", limit: ArchitectureLimits.parameters)
    }
  }

  private func weightCount(_ node: Node) -> Double {
    let input = shape(node.inputs[0])
    switch node.specification {
    case .convolution(let outputs, let window, _):
      return Double(window.height * window.width) * Double(input.channels / window.groups) * Double(outputs)
    case .depthwise(let window, _): return Double(window.height * window.width) * Double(input.channels)
    case .dense(let outputs, _): return Double(input.count) * Double(outputs)
    default: return 0
    }
  }

  /// Multiply-adds of convolutions and dense layers for one picture, as the model's file will run.
  var multiplyAdds: Int {
    nodes.reduce(0) { sum, node in
      let output = node.geometry.output
      return sum + Int(weightCount(node)) * output.height * output.width
    }
  }

  /// Marks the layers of these names, with or without their numbers.
  private mutating func freeze(_ names: [String]) throws {
    for name in names {
      let matches = nodes.indices.filter {
        nodes[$0].specification.hasParameters && [nodes[$0].name, nodes[$0].specification.namePrefix].contains(name)
      }
      if matches.isEmpty {
        throw ArchitectureError.noSuchLayer(
          name: name, layers: nodes.filter(\.specification.hasParameters).map(\.name))
      }
      for index in matches { nodes[index].isFrozen = true }
    }
  }

  private mutating func markFolding() {
    let reads = nodes.flatMap(\.inputs)
    for index in nodes.indices {
      guard case .batchNormalisation = nodes[index].specification, let producer = nodes[index].inputs.first,
        producer > 0, reads.count(where: { $0 == producer }) == 1
      else { continue }
      let sum = nodes[producer - 1].specification
      guard sum.isWeightedSum, sum.activation == .none else { continue }
      nodes[producer - 1].hasBias = false
      nodes[index].isFolded = true
    }
  }

  private mutating func markWriters() {
    var isWritten = [Bool](repeating: false, count: nodes.count + 1)
    isFirstWriter = nodes.map { $0.inputs.map { _ in false } }
    for index in nodes.indices.reversed() {
      for (place, value) in nodes[index].inputs.enumerated() {
        isFirstWriter[index][place] = !isWritten[value]
        isWritten[value] = true
      }
    }
  }

  private mutating func layOut(_ kernels: dnn_kernels) throws {
    for value in 0...nodes.count {
      let readers = nodes.filter { $0.inputs.contains(value) }
      let border = readers.reduce(ValueLayout.Border()) { $0.union($1.geometry.inputBorder) }
      let isUnpadded = value == 0 && readers.allSatisfy(\.readsScalars)
      let shape = shape(value)
      let padded = LayerSettings.padded(shape.channels, kernels)
      values.append(try ValueLayout(shape, pixelStride: isUnpadded ? shape.channels : padded, border: border))
      gradients.append(value > 0 ? try gradientLayout(nodes[value - 1], padded) : nil)
    }
  }

  /// Only a layer that passes the gradient on wants zeros around and between its pixels.
  private func gradientLayout(_ producer: Node, _ pixelStride: Int) throws -> ValueLayout? {
    let output = producer.geometry.output
    if producer.inputs.contains(where: { gradients[$0] != nil }) {
      return try ValueLayout(
        output, pixelStride: pixelStride, border: producer.geometry.gradientBorder,
        spacing: producer.geometry.gradientSpacing)
    }
    return producer.specification.hasParameters && !producer.isFrozen
      ? try ValueLayout(output, pixelStride: pixelStride) : nil
  }

  /// The gradient's layout of a layer's output that nobody writes is that of its values.
  func layouts(ofLayer index: Int) -> LayerLayouts {
    let inputs = nodes[index].inputs
    let second = inputs.count > 1 ? inputs[1] : nil
    return LayerLayouts(
      input: values[inputs[0]], secondInput: second.map { values[$0] }, output: values[index + 1],
      inputGradient: gradients[inputs[0]], secondInputGradient: second.flatMap { gradients[$0] },
      outputGradient: gradients[index + 1] ?? values[index + 1])
  }

  /// Of the logits.
  var lastGradient: ValueLayout { gradients[nodes.count] ?? values[nodes.count] }
}
