import CKernels
import TestSupport
import Testing

@Suite struct PixelTests {
  private struct Shape {
    let count: Int
    let scale: Float
    let offset: Float

    init(_ random: inout Random, _ set: InstructionSet) {
      count = random.int(0...5 * set.lanes)
      scale = Float.random(in: -1...1, using: &random)
      offset = Float.random(in: -10...10, using: &random)
    }
  }

  /// Rounded after each operation, the same on every instruction set.
  @Test(arguments: InstructionSet.available)
  func valuesAreExact(set: InstructionSet) {
    forEachShape("pixels", set, count: 2000) {
      Shape(&$0, set)
    } exactTest: { shape, trial in
      let bytes: Integers<UInt8> = trial.arena.integers(shape.count, &trial.random)
      let output = trial.arena.output(shape.count)
      var job = dnn_pixels_job(
        bytes: bytes.input, values: output.start, count: shape.count, scale: shape.scale, offset: shape.offset)
      trial.kernels.read_pixels(&job)

      var expectation = Expectation(output)
      for index in 0..<shape.count {
        let product = Float(bytes[index]) * shape.scale
        expectation.expect(Double(product + shape.offset), within: 0, at: index)
      }
      _ = try expectation.check(output)
    }
  }
}
