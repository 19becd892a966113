import MNISTInfer
import Testing

@testable import DNNTrain

@Suite struct InitialisationTests {
  /// Variance by layer: 2 / inputs before a ReLU or what comes close to it (He), 2 / (inputs + outputs) before what saturates
  /// and before the softmax (Glorot). Inputs are those of one output.
  @Test("first weights are uniform with the variance of He or Glorot, biases are zero")
  func variances() throws {
    let architecture = """
      conv 24 5x5 pad 2 relu; conv 32 3x3 groups 4 leakyrelu 0.1; maxpool 2; conv 32 3x3 pad 1; batchnorm relu; \
      depthwise 3x3 relu; dense 200 tanh; dense 150 sigmoid; dense 60 relu; dense 50
      """
    let network = try TrainableNetwork(
      Architecture(parsing: architecture), input: Shape(height: 20, width: 20, channels: 3))
    let expected: [String: Double] = [
      "conv1": 2 / 75.0, "conv2": 2 / 54.0, "conv3": 2 / 288.0, "depthwise1": 2 / 9.0,
      "dense1": 2 / (7 * 7 * 32 + 200.0), "dense2": 2 / 350.0, "dense3": 2 / 150.0, "dense4": 2 / 110.0,
    ]
    let values = try Buffer<Float>(count: network.parameterCount)
    network.initialise(values.start, RandomKey(seed: 1))
    var seen: Set<String> = []
    for (layer, offset) in zip(network.layers, network.parameterOffsets) {
      for parameter in layer.parameters {
        let elements = parameter.elements(of: values.start + offset).map(Double.init)
        if parameter.role == .bias { #expect(elements.allSatisfy { $0 == 0 }, "\(layer.name)") }
        guard parameter.role == .weights else { continue }
        let variance = try #require(expected[layer.name], "\(layer.name)")
        seen.insert(layer.name)
        let bound = (3 * variance).squareRoot()
        #expect(elements.allSatisfy { abs($0) <= bound * (1 + 1e-6) }, "\(layer.name)")
        // The mean square of n such numbers has the standard error of bound² sqrt((1/5 - 1/9) / n); four of them.
        let square = elements.reduce(0) { $0 + $1 * $1 } / Double(elements.count)
        let tolerance = 4 * bound * bound * ((1.0 / 5 - 1.0 / 9) / Double(elements.count)).squareRoot()
        #expect(abs(square - variance) < tolerance, "\(layer.name): \(square), not \(variance)")
      }
    }
    #expect(seen == Set(expected.keys))
  }
}
