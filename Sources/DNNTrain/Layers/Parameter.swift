import MNISTInfer

/// Numbers that a layer learns: a matrix whose rows are padded to whole vectors.
///
/// The padding is zero, has zero gradients, and so stays zero whatever the optimizer.
struct Parameter {
  /// What it is called in a model's file, after the layer's name: "weights" or "bias".
  let role: String
  /// Its dimensions in a model's file; the last one is the matrix's columns.
  let dimensions: [Int]
  let rows: Int
  let columns: Int
  /// Floats from one row to the next.
  let stride: Int
  /// Where it starts among its layer's parameters.
  let offset: Int
  /// The first values are uniform in ± this.
  let initialBound: Float

  /// Floats in memory.
  var size: Int { rows * stride }

  /// The elements without padding, in row-major order.
  func elements(of values: UnsafePointer<Float>) -> [Float] {
    (0..<rows).flatMap { row in (0..<columns).map { values[offset + row * stride + $0] } }
  }

  /// Sets the elements without padding.
  func setElements(_ elements: [Float], of values: UnsafeMutablePointer<Float>) {
    for (index, element) in elements.enumerated() {
      values[offset + index / columns * stride + index % columns] = element
    }
  }
}

/// How far first weights may lie from zero.
enum Initialisation {
  /// Before a ReLU (He, Zhang, Ren, Sun: Delving deep into rectifiers, 2015): variance 2 / inputs.
  case he
  /// Before anything else (Glorot, Bengio: Understanding the difficulty of training deep feedforward neural networks, 2010):
  /// variance 2 / (inputs + outputs).
  case glorot

  /// The bound of a uniform distribution with that variance, which is a third of the bound's square.
  func bound(inputs: Int, outputs: Int) -> Float {
    switch self {
    case .he: (6 / Float(inputs)).squareRoot()
    case .glorot: (6 / Float(inputs + outputs)).squareRoot()
    }
  }
}
