import DNNTrain

/// A leaky ReLU that learns its slope, one for the whole layer (He, Zhang, Ren, Sun: Delving deep into rectifiers, 2015):
/// max(x, 0) + a min(x, 0).
struct LearnedSlope: CustomLayer {
  var name: String { "slope" }

  func output(for input: Shape) -> Shape? { input }

  func firstParameters(for input: Shape, uniform: () -> Float) -> [Float] { [0.25] }

  func forward(_ input: Span<Float>, _ parameters: Span<Float>, output: inout MutableSpan<Float>) {
    let slope = parameters[0]
    for index in input.indices { output[index] = max(input[index], 0) + slope * min(input[index], 0) }
  }

  func backward(
    _ input: Span<Float>, _ parameters: Span<Float>, outputGradient: Span<Float>,
    inputGradient: inout MutableSpan<Float>, parameterGradient: inout MutableSpan<Float>
  ) {
    for index in input.indices {
      inputGradient[index] = outputGradient[index] * (input[index] > 0 ? 1 : parameters[0])
      parameterGradient[0] += outputGradient[index] * min(input[index], 0)
    }
  }

  /// What was learned is a constant in the file, whose leaky ReLUs have slopes between -1 and 1.
  func exported(_ parameters: [Float], input: Shape) throws -> [ExportedLayer] {
    guard abs(parameters[0]) < 1 else { throw CustomLayerError.notExpressible(layer: "slope \(parameters[0])") }
    return [.activation(.leakyRelu(slope: parameters[0]))]
  }
}
