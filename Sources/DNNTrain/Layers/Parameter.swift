import MNISTInfer

/// Numbers that a layer learns or gathers: a matrix whose rows are padded to whole vectors.
///
/// The padding is zero, has zero gradients, and so stays zero whatever the optimizer.
struct Parameter {
  /// What the numbers are; the raw value is what a model's file calls them, after the layer's name.
  enum Role: String {
    case weights, bias
    /// Of batch normalisation: what normalised values are multiplied by, and what is added then.
    case scale, shift
    /// Of batch normalisation: the running mean and variance of its input.
    case mean, variance
    /// Of a layer of one's own: all that it learns.
    case custom

    /// Whether the optimizer changes the numbers. The others are statistics: their "gradient" is the batch's statistic, which
    /// they follow.
    var isLearned: Bool {
      switch self {
      case .weights, .bias, .scale, .shift, .custom: true
      case .mean, .variance: false
      }
    }
  }

  /// The first values.
  enum Start {
    case constant(Float)
    /// Uniform in ± this.
    case random(bound: Float)
    /// As a layer of one's own says, all elements in their order.
    case drawn((inout RandomGenerator) -> [Float])
  }

  let role: Role
  /// Its dimensions in a model's file; the last one is the matrix's columns.
  let dimensions: [Int]
  let rows: Int
  let columns: Int
  /// Floats from one row to the next.
  let stride: Int
  /// Where it starts among its layer's parameters.
  let offset: Int
  let start: Start

  /// Floats in memory.
  var size: Int { rows * stride }

  /// A vector.
  static func vector(_ role: Role, columns: Int, stride: Int, offset: Int, start: Float) -> Parameter {
    Parameter(
      role: role, dimensions: [columns], rows: 1, columns: columns, stride: stride, offset: offset,
      start: .constant(start))
  }

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
