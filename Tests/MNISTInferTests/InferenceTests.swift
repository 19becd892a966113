import DNNModel
import MNISTInfer
import TestSupport
import Testing

/// The runtime against the plain reference. The instruction set is the machine's best; run the suite with
/// DNN_INSTRUCTION_SET=avx2 and =portable for the others.
@Suite struct InferenceTests {
  /// Probabilities are 1-Lipschitz in the largest logit difference. Weights are bounded by 1/sqrt(fan-in), so a layer of n
  /// terms multiplies an error by at most sqrt(n) and adds n roundings of terms below 1: with at most some 1,000 terms and ten
  /// layers of values near 1, 1e-4 leaves room, and a wrong index anywhere is off by 1e-2 or more.
  static let tolerance = 1e-4

  @Test(arguments: 0..<6)
  func randomNetworksMatchReference(hundred: Int) throws {
    for seed in (100 * hundred)..<(100 * hundred + 100) { try compare(seed) }
  }

  private func compare(_ seed: Int) throws {
    let model = randomModel(seed: UInt64(seed))
    let classifier = try Classifier(bytes: model.encoded(), threads: 1 + seed % 3)
    let reference = ReferenceNetwork(model: model)
    var random = Random(UInt64(seed))
    let pictures = random.bytes(3 * model.input.count)
    let probabilities = try classifier.predict(pictures)
    for picture in 0..<3 {
      let size = model.input.count
      let expected = reference.probabilities(Array(pictures[(picture * size)..<((picture + 1) * size)]))
      for (index, value) in expected.enumerated() {
        let actual = Double(probabilities[picture * expected.count + index])
        #expect(abs(actual - value) <= Self.tolerance, "seed \(seed), picture \(picture), class \(index)")
      }
    }
  }

  @Test func convnetMatchesReference() throws {
    let model = convnet(seed: 3)
    let classifier = try Classifier(bytes: model.encoded(), threads: 1)
    var random = Random(3)
    let picture = random.bytes(784)
    let expected = ReferenceNetwork(model: model).probabilities(picture)
    let actual = try classifier.predict(picture)
    for index in 0..<10 { #expect(abs(Double(actual[index]) - expected[index]) < 1e-5, "class \(index)") }
  }

  /// One picture has the same bytes for every number of threads and every batch it is part of.
  @Test(arguments: [0, 1, 2, 3, 4, 5, 6, 7])
  func threadsAndBatchesDoNotChangeResults(seed: Int) throws {
    let model = seed == 0 ? convnet(seed: 1) : randomModel(seed: UInt64(1000 + seed))
    let bytes = try model.encoded()
    var random = Random(UInt64(seed))
    let count = 67
    let size = model.input.count
    let pictures = random.bytes(count * size)
    let expected = try Classifier(bytes: bytes, threads: 1).predict(pictures)
    for threads in [1, 2, 3, 8] {
      let classifier = try Classifier(bytes: bytes, threads: threads)
      for batch in [1, 2, 7, 64, count] {
        var actual: [Float] = []
        for first in stride(from: 0, to: count, by: batch) {
          actual += try classifier.predict(Array(pictures[(first * size)..<(min(first + batch, count) * size)]))
        }
        #expect(
          actual.map(\.bitPattern) == expected.map(\.bitPattern),
          "seed \(seed), \(threads) threads, batches of \(batch)")
      }
    }
  }

  @Test func sessionsOfOneModelShareIt() throws {
    let bytes = try convnet(seed: 5).encoded()
    var model: OpaquePointer?
    #expect(bytes.withUnsafeBytes { modelOpenMemory($0.baseAddress, $0.count, &model, nil) }.rawValue == 0)
    var sessions = [OpaquePointer?](repeating: nil, count: 8)
    for index in sessions.indices { #expect(sessionOpen(model, nil, &sessions[index], nil).rawValue == 0) }
    // The sessions keep the model.
    modelClose(model)
    let picture = [UInt8](repeating: 100, count: 784)
    var results = [[Float]](repeating: [Float](repeating: 0, count: 10), count: 8)
    for index in sessions.indices {
      #expect(predictU8(sessions[index], picture, 1, &results[index], nil).rawValue == 0)
      #expect(results[index] == results[0])
      sessionClose(sessions[index])
    }
  }

  /// Finite weights, infinite sums: the answer is still a set of probabilities, in order.
  @Test func sumsThatOverflow() throws {
    for sign: Float in [1, -1] {
      var model = ModelFile(
        input: Shape(height: 1, width: 2, channels: 1), layers: [], tensors: [], labels: ["a", "b", "c"],
        preparation: Preparation(polarity: .keep, placement: .stretch, boxHeight: 0, boxWidth: 0),
        normalisation: [(3e38, 0)])
      var dense = LayerDescription(.dense, inputs: [0], output: Shape(count: 3))
      dense.weights = 0
      model.tensors = [
        TensorDescription(
          name: "w", dimensions: [2, 3], values: [3e38, -3e38, sign * 3e38, 3e38, -3e38, -sign * 3e38])
      ]
      model.layers = [dense, LayerDescription(.softmax, inputs: [1], output: Shape(count: 3))]
      let classifier = try Classifier(bytes: model.encoded(), threads: 1)
      let probabilities = try classifier.predict([255, 255])
      #expect(probabilities.allSatisfy { $0 >= 0 && $0 <= 1 }, "\(probabilities)")
      #expect(abs(probabilities.reduce(0, +) - 1) < 1e-6)
      let best = try classifier.classify(png: png([255, 255], width: 2, height: 1, channels: 1), top: 3)
      #expect(Set(best.map(\.classIndex)) == [0, 1, 2])
      #expect(best[0].classIndex == 0)
    }
  }

  /// One tensor in many layers, each of which would be laid out on its own: refused before anything that large is allocated.
  @Test func modelsThatGrowWhenLaidOut() throws {
    // Not whole vectors, so that no layer can read the tensor as it stands.
    let count = 2047
    var builder = ModelBuilder(input: Shape(height: 1, width: count, channels: 1), seed: 1)
    builder.flatten()
    builder.dense(count)
    var model = builder.model
    let layer = model.layers[1]
    for index in 2..<72 {
      var copy = layer
      copy.inputs = [index]
      model.layers.append(copy)
    }
    model.layers.append(LayerDescription(.softmax, inputs: [72], output: Shape(count: count)))
    model.labels = (0..<count).map { "\($0)" }
    do {
      _ = try Classifier(bytes: model.encoded(), threads: 1)
      Issue.record("a plan of \(70 * count * count) weights was made")
    } catch let failure as Failure {
      #expect(failure.status == .outOfMemory && failure.description.contains("1 GiB"), "\(failure)")
    }
  }
}
