import CKernels

/// One of Winograd's convolutions: A^T ((G g G^T) * (B^T d B)) A, with `*` element by element, is the convolution of the tile d
/// with the 3x3 kernel g (A. Lavin, S. Gray, Fast Algorithms for Convolutional Neural Networks, 2015, sections 4.1 and 4.3).
struct Winograd: Sendable, CustomStringConvertible {
  /// Outputs in each direction.
  let outputs: Int
  /// B^T, A^T and G.
  let input, output, weights: Matrix
  /// The most roundings that an element goes through in one dimension. Products with 2, 4 and 8 are exact.
  let inputRoundings, outputRoundings: Int

  /// Inputs in each direction, and planes.
  var size: Int { outputs + 2 }
  var planes: Int { size * size }
  var description: String { "winograd\(outputs)" }

  /// The paper's matrices, but for the signs of the last row of B^T and the last column of A^T, which cancel.
  ///
  /// Each transformed input is one sum, each output two.
  static let two = Winograd(
    outputs: 2,
    input: Matrix([[1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, -1, 0, 1]]),
    output: Matrix([[1, 1, 1, 0], [0, 1, -1, 1]]),
    weights: Matrix([[1, 0, 0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0, 0, 1]]),
    inputRoundings: 1, outputRoundings: 2)

  /// The longest ways through a transform: d2, times -5 where that is not part of its sum, plus the two others; and a sum or
  /// difference of two products, plus another one, plus a single product.
  static let four = Winograd(
    outputs: 4,
    input: Matrix([
      [4, 0, -5, 0, 1, 0], [0, -4, -4, 1, 1, 0], [0, 4, -4, -1, 1, 0],
      [0, -2, -1, 2, 1, 0], [0, 2, -1, -2, 1, 0], [0, 4, 0, -5, 0, 1],
    ]),
    output: Matrix([[1, 1, 1, 1, 1, 0], [0, 1, -1, 2, -2, 0], [0, 1, 1, 4, 4, 0], [0, 1, -1, 8, -8, 1]]),
    weights: Matrix([
      [1 / 4, 0, 0], [-1 / 6, -1 / 6, -1 / 6], [-1 / 6, 1 / 6, -1 / 6],
      [1 / 24, 1 / 12, 1 / 6], [1 / 24, -1 / 12, 1 / 6], [0, 0, 1],
    ]),
    inputRoundings: 2, outputRoundings: 3)

  func inputKernel(_ kernels: dnn_kernels) -> (UnsafePointer<dnn_winograd_input_job>?) -> Void {
    outputs == 2 ? kernels.winograd2_input : kernels.winograd4_input
  }

  func outputKernel(_ kernels: dnn_kernels) -> (UnsafePointer<dnn_winograd_output_job>?) -> Void {
    outputs == 2 ? kernels.winograd2_output : kernels.winograd4_output
  }
}
