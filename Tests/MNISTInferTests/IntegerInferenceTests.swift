import DNNModel
import MNISTInfer
import TestSupport
import Testing

/// The runtime on integer models against the plain reference: the same bits. The instruction set is the machine's best; run the
/// suite with DNN_INSTRUCTION_SET=avx2 and =portable for the others.
@Suite struct IntegerInferenceTests {
  @Test(arguments: 0..<6)
  func randomNetworksAreTheReference(hundred: Int) throws {
    for seed in (100 * hundred)..<(100 * hundred + 100) {
      let model = randomIntegerModel(seed: UInt64(seed))
      let reference = IntegerReference(model: model)
      var random = Random(UInt64(seed))
      let pictures = (0..<3).map { _ in random.bytes(model.input.count) }
      let probabilities = try Classifier(bytes: model.encoded(), threads: 1 + seed % 3).predict(pictures.flatMap { $0 })
      #expect(
        probabilities.map(\.bitPattern) == pictures.flatMap(reference.probabilities).map(\.bitPattern), "seed \(seed)")
    }
  }
}
