import DNNModel
import MNISTInfer

/// How a model is quantized.
public struct QuantizationOptions: Sendable {
  /// Whether only the weights become 8-bit numbers, which are computed with as float32; otherwise the whole network does, and is
  /// computed in integers.
  public var weightsOnly: Bool
  /// Decides which images are calibrated on, and the order of those trained on. The same seed gives the same model, byte for
  /// byte.
  public var seed: UInt64
  /// Threads to compute with, at least 1; the result does not depend on it.
  public var threads: Int
  /// Training after quantization; nil for none.
  public var fineTuning: FineTuning?

  /// All settings.
  public init(weightsOnly: Bool = false, seed: UInt64 = 1, threads: Int, fineTuning: FineTuning? = nil) {
    self.weightsOnly = weightsOnly
    self.fineTuning = fineTuning
    self.seed = seed
    self.threads = threads
  }
}

/// Makes 8-bit models of trained ones: by post-training quantization and, if asked, training with quantization in the loop.
///
/// Ranges of values are taken from training images in several ways, and scales of weights in two. The one kept, value after value
/// and layer after layer, is that with which the network's logits are nearest to the float network's on held-out images.
/// Then the mean error of each layer's sums is taken off its bias, where that helps the logits as well.
///
/// One caller at a time.
public final class Quantizer {
  /// Images of the training part that ranges are taken from.
  public static let calibrationCount = 1024
  /// Held-out images that choices are made by.
  public static let choiceCount = 512

  let options: QuantizationOptions
  let source: ModelFile
  /// nil where only weights become 8-bit numbers.
  let graph: IntegerGraph?
  let training: Dataset
  let heldOut: Dataset
  /// The part of the held-out images that choices are made by.
  let choiceImages: Dataset
  let calibrationImages: Dataset
  let parallel: Parallel
  let reference: Simulation
  let simulation: Simulation
  /// By value that has a scale of its own.
  private(set) var quantizations: [Int: Quantization] = [:]
  private(set) var rangeMethods: [Int: RangeMethod] = [:]
  /// By layer.
  private(set) var products: [Int: QuantizedProduct] = [:]
  /// Of fine-tuning: the epoch after which the weights were taken; nil where those before it are as good.
  var keptEpoch: Int?
  private let comparison: LogitsComparison
  private let key: RandomKey

  /// Reads a model.
  ///
  /// - Parameters:
  ///   - model: a float model that the runtime's reader accepts; weights in int8 count as the numbers they stand for.
  ///   - training: images to calibrate and to train on.
  ///   - heldOut: images that neither the model was trained on nor ranges come from.
  ///   - options: how to quantize.
  /// - Throws: `QuantizationError`; `ArchitectureError` if a layer is larger than training allows; `Failure` if memory runs out.
  public init(_ model: ModelFile, training: Dataset, heldOut: Dataset, options: QuantizationOptions) throws {
    precondition(options.threads >= 1 && training.count >= 1 && heldOut.count >= 1)
    guard model.quantization.isEmpty else { throw QuantizationError.alreadyInteger }
    for data in [training, heldOut] where data.shape != model.input {
      throw QuantizationError.otherShape(model: model.input, data: data.shape)
    }
    self.options = options
    (self.training, self.heldOut) = (training, heldOut)
    key = RandomKey(seed: options.seed)
    calibrationImages = training.sample(Quantizer.calibrationCount, key.stream(0))
    choiceImages = heldOut.sample(Quantizer.choiceCount, key.stream(1))
    source = model
    graph = options.weightsOnly ? nil : IntegerGraph(model)
    parallel = Parallel(workerCount: options.threads)
    reference = try Simulation(graph?.model ?? model, workers: options.threads)
    simulation = try Simulation(graph?.model ?? model, workers: options.threads)
    comparison = LogitsComparison(reference, on: choiceImages, parallel)
    if graph != nil { quantizations[0] = try model.pictureQuantization() }
  }

  /// Quantizes the model.
  ///
  /// - Parameter report: called after every step of fine-tuning.
  /// - Returns: the model with its provenance and self-test, and what became of each layer and of the accuracy.
  /// - Throws: `QuantizationError`; `ModelFileError` or `Failure` if the format cannot express the model.
  public func quantize(report: (TrainingProgress) -> Void = { _ in }) throws -> QuantizedModel {
    if let graph { try chooseRanges(graph) }
    try chooseWeights()
    correctBiases()
    if let fineTuning = options.fineTuning { try fineTune(fineTuning, report: report) }
    return try QuantizedModel(self)
  }

  /// The network that is quantized: the source's, with some activations as layers of their own.
  var network: ModelFile { reference.model }

  /// How a value is quantized; nil where values are float32.
  func quantization(ofValue value: Int) -> Quantization? { graph.flatMap { quantizations[$0.owners[value]] } }

  /// The range of every value by the method that is best, each with the values before it rounded and those after it not.
  private func chooseRanges(_ graph: IntegerGraph) throws {
    let owners = graph.freeValues
    let observations = try reference.observe(owners, of: graph, on: calibrationImages, key: key.stream(2), parallel)
    for (owner, observation) in zip(owners, observations) {
      let least = try leastScale(ofValue: owner)
      let candidates = RangeMethod.all.map { ($0, $0.quantization(of: observation, leastScale: least)) }
      let (method, quantization) = best(of: candidates, isSame: { $0.1 == $1.1 }) {
        simulation.setQuantization($0.1, ofValue: owner)
      }
      (quantizations[owner], rangeMethods[owner]) = (quantization, method)
    }
  }

  /// The smallest scale of a layer's output from which the format's shifts lead to those of its inputs. Only outputs that are
  /// almost always zero come near it.
  ///
  /// - Throws: `QuantizationError.tooLarge` where it leaves float32.
  private func leastScale(ofValue value: Int) throws -> Float {
    let layer = network.layers[value - 1]
    let inputs = layer.inputs.compactMap { quantization(ofValue: $0) }
    let largest = inputs.reduce(0) { max($0, $1.scale) }
    switch layer.kind {
    case .convolution, .dense:
      let scales = try QuantizedProduct(value - 1, of: network, .largest, input: inputs[0]).scales
      // The factor from sums to outputs is below one half.
      let least = largest * (scales.max() ?? 1) * 4
      guard least.isFinite else { throw QuantizationError.tooLarge(layer: layer.title(value - 1)) }
      return least
    case .add, .averagePool, .globalAveragePool: return largest * 0x1p-16
    case .activation, .maxPool, .flatten, .softmax: return largest * 0x1p-32
    }
  }

  /// The scales of all weights, layer after layer, by the method that is best.
  private func chooseWeights() throws {
    for layer in network.layers.indices where isQuantized(layer) {
      let input = quantization(ofValue: network.layers[layer].inputs[0])
      let candidates = try WeightScaling.allCases.map { try QuantizedProduct(layer, of: network, $0, input: input) }
      products[layer] = best(of: candidates, isSame: { $0.scales == $1.scales }) { apply($0, toLayer: layer) }
    }
  }

  /// Whether a layer's weights become 8-bit numbers. Where every column has one weight alone, scales in place of weights would
  /// save nothing.
  private func isQuantized(_ layer: Int) -> Bool {
    guard network.layers[layer].hasWeights else { return false }
    return graph != nil || network.weights(ofLayer: layer).count > network.layers[layer].output.channels
  }

  /// Decides on a layer's weights and bias.
  func setProduct(_ product: QuantizedProduct, ofLayer layer: Int) {
    products[layer] = product
    apply(product, toLayer: layer)
  }

  func apply(_ product: QuantizedProduct, toLayer layer: Int) {
    let input = quantization(ofValue: network.layers[layer].inputs[0])
    simulation.setParameter(.weights, ofLayer: layer, product.values)
    simulation.setParameter(.bias, ofLayer: layer, input.map(product.roundedBias(input:)) ?? product.bias)
  }

  /// Takes the mean error of each layer's sums off its bias (Nagel, van Baalen, Blankevoort, Welling: Data-free quantization
  /// through weight equalization and bias correction, 2019, section 4.2, measured on images), layer after layer, so that each
  /// measures what the corrections before it leave.
  private func correctBiases() {
    for (layer, product) in products.sorted(by: { $0.key < $1.key }) {
      var corrected = product
      corrected.bias = zip(product.bias, meanErrors(ofLayer: layer)).map { Float(Double($0) - $1) }
      corrected.isCorrected = true
      // Sums of huge numbers may have no mean.
      guard corrected.bias.allSatisfy(\.isFinite) else { continue }
      products[layer] = best(of: [product, corrected], isSame: { $0.bias == $1.bias }) { apply($0, toLayer: layer) }
    }
  }

  /// By output channel: how much a layer's sums, before its activation, are on average above the float network's.
  func meanErrors(ofLayer layer: Int) -> [Double] {
    let output = network.layers[layer].output
    let sums = sums(
      over: calibrationImages, simulation, reference, parallel, at: [.sum(ofLayer: layer)], count: output.channels
    ) { _, actual, expected, sums in
      for index in actual.indices { sums[index % output.channels] += Double(actual[index]) - Double(expected[index]) }
    }
    return sums.map { $0 / Double(calibrationImages.count * output.height * output.width) }
  }

  /// Applies each candidate and keeps the one that leaves the logits nearest to the float network's, the first of several.
  private func best<Candidate>(
    of candidates: [Candidate], isSame: (Candidate, Candidate) -> Bool, apply: (Candidate) -> Void
  ) -> Candidate {
    var different: [Candidate] = []
    for candidate in candidates where !different.contains(where: { isSame($0, candidate) }) {
      different.append(candidate)
    }
    guard different.count > 1 else {
      apply(different[0])
      return different[0]
    }
    var (best, least) = (different[0], Double.infinity)
    for candidate in different {
      apply(candidate)
      let error = comparison.squaredError(simulation)
      if error < least { (best, least) = (candidate, error) }
    }
    apply(best)
    return best
  }
}

extension Dataset {
  /// Some of the images at random, or all if there are no more.
  fileprivate func sample(_ count: Int, _ key: RandomKey) -> Dataset {
    var order = Array(0..<self.count)
    var generator = RandomGenerator(key)
    generator.shuffle(&order)
    return subset(order.prefix(count).sorted())
  }
}

extension ModelFile {
  /// Scale and zero point of 8-bit pixels, which the normalisation alone decides.
  ///
  /// - Throws: `QuantizationError` if it is none that the format can express.
  fileprivate func pictureQuantization() throws -> Quantization {
    let (scale, offset) = normalisation[0]
    guard normalisation.allSatisfy({ $0.scale == scale && $0.offset == offset }) else {
      throw QuantizationError.channelsDiffer
    }
    guard scale > 0 else { throw QuantizationError.negativePictureScale(scale) }
    // Written with other roundings, an offset may be off by its last bits.
    let (zeroPoint, tolerance) = (-offset / scale, Float(0x1p-10))
    guard abs(zeroPoint - zeroPoint.rounded()) <= tolerance, (0...255).contains(zeroPoint.rounded()) else {
      throw QuantizationError.pictureZeroPoint(zeroPoint)
    }
    return Quantization(scale: scale, zeroPoint: Int(zeroPoint.rounded()))
  }
}
