import DNNModel
import Foundation
import MNISTInfer
import Testing

@testable import DNNTrain

/// x times the logistic function of b x, with a learned b for each channel (Ramachandran, Zoph, Le: Searching for activation
/// functions, 2017), which no layer of the format computes.
private struct Swish: CustomLayer {
  var name: String { "swish" }
  func output(for input: Shape) -> Shape? { input.channels > 1 ? input : nil }

  func firstParameters(for input: Shape, uniform: () -> Float) -> [Float] {
    (0..<input.channels).map { _ in 1 + uniform() / 4 }
  }

  private func logistic(_ x: Float) -> Float { 1 / (1 + exp(-x)) }

  func forward(_ input: Span<Float>, _ parameters: Span<Float>, output: inout MutableSpan<Float>) {
    for index in input.indices {
      output[index] = input[index] * logistic(parameters[index % parameters.count] * input[index])
    }
  }

  func backward(
    _ input: Span<Float>, _ parameters: Span<Float>, outputGradient: Span<Float>,
    inputGradient: inout MutableSpan<Float>, parameterGradient: inout MutableSpan<Float>
  ) {
    for index in input.indices {
      let (x, channel) = (input[index], index % parameters.count)
      let y = logistic(parameters[channel] * x)
      inputGradient[index] = outputGradient[index] * (y + parameters[channel] * x * y * (1 - y))
      parameterGradient[channel] += outputGradient[index] * x * x * y * (1 - y)
    }
  }
}

/// Each channel times a learned factor, plus a learned term; on the way back from a picture to a vector of the channels' means if
/// asked to.
private struct Affine: CustomLayer {
  var givesMeans = false
  var exportsFactors = true
  var name: String { "affine" }
  var description: String { givesMeans ? "affine means" : "affine" }

  func output(for input: Shape) -> Shape? { givesMeans ? Shape(count: input.channels) : input }

  func firstParameters(for input: Shape, uniform: () -> Float) -> [Float] {
    (0..<2 * input.channels).map { $0 < input.channels ? 1 + uniform() / 4 : uniform() / 4 }
  }

  func forward(_ input: Span<Float>, _ parameters: Span<Float>, output: inout MutableSpan<Float>) {
    let channels = parameters.count / 2
    let share = Float(output.count) / Float(input.count)
    for index in output.indices { output[index] = parameters[channels + index % channels] }
    for index in input.indices {
      output[index % output.count] += input[index] * parameters[index % channels] * share
    }
  }

  func backward(
    _ input: Span<Float>, _ parameters: Span<Float>, outputGradient: Span<Float>,
    inputGradient: inout MutableSpan<Float>, parameterGradient: inout MutableSpan<Float>
  ) {
    let channels = parameters.count / 2
    let share = Float(outputGradient.count) / Float(input.count)
    for index in outputGradient.indices { parameterGradient[channels + index % channels] += outputGradient[index] }
    for index in input.indices {
      let slope = outputGradient[index % outputGradient.count] * share
      inputGradient[index] = slope * parameters[index % channels]
      parameterGradient[index % channels] += slope * input[index]
    }
  }

  func exported(_ parameters: [Float], input: Shape) throws -> [ExportedLayer] {
    let factors = exportsFactors ? Array(parameters[..<input.channels]) : []
    return [.channelwise(factors: factors, terms: Array(parameters[input.channels...]), .relu), .activation(.tanh)]
  }
}

@Suite struct CustomLayerTests {
  private let training = bars(count: 200, seed: 10)
  private let heldOut = bars(count: 60, seed: 11)
  private let record = TrainingRecord(
    recipe: nil, data: "bars", dataSHA256: "none", labels: ["lying", "standing", "falling", "rising"],
    preparation: Preparation(polarity: .lightOnDark, placement: .stretch, boxHeight: 0, boxWidth: 0))

  private func trainer(_ threads: Int, _ body: (LayerOutput) -> LayerOutput) throws -> Trainer {
    try Trainer(
      Architecture(body), input: training.shape,
      options: TrainingOptions(
        epochs: 2, batchSize: 50, seed: 1, threads: threads, optimizer: Adam(learningRate: 0.01)))
  }

  /// A network's mean loss over some images, and its gradient if asked for.
  private func loss(
    _ network: TrainableNetwork, _ parameters: borrowing Buffer<Float>, _ data: Dataset,
    gradient: borrowing Buffer<Float>
  ) throws -> Double {
    let workspace = try Workspace(network)
    for block in ParameterBlock.all(of: network) { network.pack(block, from: parameters.start) }
    data.images.withUnsafeBufferPointer { bytes in
      for image in 0..<data.count {
        workspace.load(bytes.baseAddress! + image * data.shape.count, as: image, of: network)
      }
    }
    network.forward(workspace, imageCount: data.count, parameters: parameters.start, noise: nil)
    let (loss, last) = (network.loss, network.layers.count)
    let sum = (0..<data.count).reduce(0.0) {
      $0
        + loss.run(
          workspace.values[last] + $1 * loss.logits.size, target: .init(label: data.labels[$1]),
          scale: 1 / Float(data.count), gradient: workspace.gradients[last] + $1 * loss.logitsGradient.size)
    }
    network.backward(
      workspace, imageCount: data.count, share: 1, parameters: parameters.start, gradient: gradient.start)
    return sum / Double(data.count)
  }

  @Test("gradients are what differences of the loss are, before, in and after the layer")
  func gradients() throws {
    let architecture = try Architecture { picture in
      picture.layer(Affine()).conv(5, window: 3).layer(Swish()).conv(3, window: 2).layer(
        Affine(givesMeans: true)
      )
      .dense(4)
    }
    let network = try TrainableNetwork(architecture, input: training.shape)
    let data = training.subset(Array(0..<7))
    let parameters = try Buffer<Float>(count: network.parameterCount)
    let gradient = try Buffer<Float>(count: network.parameterCount)
    let ignored = try Buffer<Float>(count: network.parameterCount)
    network.initialise(parameters.start, RandomKey(seed: 3))
    _ = try loss(network, parameters, data, gradient: gradient)
    // Single precision: rounding is some 1e-6 / step, the third derivative some step².
    let step: Float = 0x1p-7
    var checked = 0
    for (layer, offset) in zip(network.layers, network.parameterOffsets) {
      for parameter in layer.parameters {
        for index in 0..<parameter.rows * parameter.columns {
          let place =
            offset + parameter.offset + index / parameter.columns * parameter.stride + index % parameter.columns
          let value = parameters.start[place]
          parameters.start[place] = value + step
          let above = try loss(network, parameters, data, gradient: ignored)
          parameters.start[place] = value - step
          let below = try loss(network, parameters, data, gradient: ignored)
          parameters.start[place] = value
          let difference = (above - below) / Double(2 * step)
          #expect(
            abs(difference - Double(gradient.start[place])) < 1e-3, "\(layer.name), \(parameter.role) \(index)")
          checked += 1
        }
      }
    }
    #expect(checked == 2 + (45 + 5) + 5 + (60 + 3) + 6 + (12 + 4))
  }

  @Test("a network with layers of one's own is the same for any number of threads, in the file too, and goes on")
  func wholeTraining() throws {
    func network(_ picture: LayerOutput) -> LayerOutput {
      picture.conv(6, window: 3).layer(Affine()).maxPool(2).dense(4)
    }
    let trainer = try trainer(1, network)
    trainer.train(on: training, heldOut: heldOut) { _ in }
    #expect(trainer.architecture.description == "conv 6 3x3; affine; maxpool 2; dense 4")
    let file = try trainer.modelFile(record, heldOut: heldOut)
    #expect(file.layers.map(\.name).contains("affine1") && file.layers.map(\.name).contains("affine1.2"))
    let other = try self.trainer(3, network)
    var steps = 0
    other.train(on: training, heldOut: heldOut, isInterrupted: { steps == 5 }) { _ in steps += 1 }
    let resumed = try self.trainer(2, network)
    try resumed.resume(from: other.checkpoint(record, heldOut: heldOut), record, heldOut: heldOut)
    resumed.train(on: training, heldOut: heldOut) { _ in }
    #expect(try resumed.modelFile(record, heldOut: heldOut).encoded() == file.encoded())
    // What the file computes is what was exported, a ReLU and a hyperbolic tangent more than the layer.
    let layers = file.layers.filter { $0.name.hasPrefix("affine1") }
    #expect(layers.map(\.kind) == [.convolution, .activation] && layers.map(\.activation) == [.relu, .tanh])
    let factors = try #require(layers[0].weights.map { file.values(ofTensor: $0) })
    #expect(factors.count == 6 && Set(factors).count == 6)
  }

  @Test("what the format cannot express is an error that says so, and training needs no file")
  func inexpressible() throws {
    let trainer = try trainer(2) { $0.conv(6, window: 3).layer(Swish()).maxPool(2).dense(4) }
    trainer.train(on: training, heldOut: heldOut) { _ in }
    #expect(trainer.accuracy(on: heldOut) > 0.3)
    #expect(throws: CustomLayerError.notExpressible(layer: "swish")) {
      try trainer.modelFile(record, heldOut: heldOut)
    }
  }

  @Test("an export that does not fit, and an input that is not taken")
  func misfits() throws {
    for layer in [Affine(exportsFactors: false), Affine(givesMeans: true)] {
      let trainer = try trainer(1) { $0.conv(6, window: 3).layer(layer).dense(4) }
      let error = #expect(throws: CustomLayerError.self) { try trainer.modelFile(record, heldOut: heldOut) }
      #expect("\(String(describing: error))".contains("affine1"))
    }
    #expect(throws: ArchitectureError.notTaken(layer: "swish1", input: training.shape)) {
      try trainer(1) { $0.layer(Swish()).dense(4) }
    }
  }
}
