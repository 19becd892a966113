import MNISTInfer

/// The function applied to each element of a layer's output.
public struct ActivationFunction: Equatable, Sendable {
  /// Which one.
  public let kind: Activation
  /// The slope of a leaky ReLU, the bound of a clipped one, otherwise 0.
  public let parameter: Float

  init(_ kind: Activation, parameter: Float = 0) {
    self.kind = kind
    self.parameter = parameter
  }

  /// x.
  public static let none = ActivationFunction(.none)
  /// max(x, 0).
  public static let relu = ActivationFunction(.relu)
  /// min(max(x, 0), 6).
  public static let relu6 = clippedRelu(bound: 6)
  /// 1 / (1 + e^-x).
  public static let sigmoid = ActivationFunction(.sigmoid)
  /// The hyperbolic tangent.
  public static let tanh = ActivationFunction(.tanh)

  /// x above 0, `slope` times x below; the slope lies between -1 and 1.
  public static func leakyRelu(slope: Float) -> ActivationFunction { ActivationFunction(.leakyRelu, parameter: slope) }

  /// min(max(x, 0), bound); the bound is above 0.
  public static func clippedRelu(bound: Float) -> ActivationFunction {
    ActivationFunction(.clippedRelu, parameter: bound)
  }

  /// Whether the format takes the parameter.
  var isValid: Bool {
    switch kind {
    case .leakyRelu: abs(parameter) < 1
    case .clippedRelu: parameter > 0 && parameter.isFinite
    case .none, .relu, .sigmoid, .tanh: parameter == 0
    }
  }

  /// Whether the derivative can be told from the output. A leaky ReLU whose slope is negative gives positive outputs on both
  /// sides.
  var isInvertible: Bool { !(kind == .leakyRelu && parameter < 0) }

  /// As an architecture's text has it, with a space before; empty for none.
  var suffix: String {
    switch kind {
    case .none: ""
    case .relu: " relu"
    case .leakyRelu: " leakyrelu \(parameter)"
    case .clippedRelu: self == .relu6 ? " relu6" : " clippedrelu \(parameter)"
    case .sigmoid: " sigmoid"
    case .tanh: " tanh"
    }
  }
}
