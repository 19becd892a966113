import CKernels
import Foundation
import TestSupport

/// An activation in double precision, and what it makes of an error.
struct Activation: CustomStringConvertible {
  enum Kind { case none, relu, clippedRelu, leakyRelu, sigmoid, tanh }

  let kind: Kind
  var parameter: Float = 0

  /// Any activation, or any of those that only bound.
  init(_ random: inout Random, onlyBounds: Bool = false) {
    let kinds: [Kind] =
      onlyBounds ? [.none, .relu, .clippedRelu] : [.none, .relu, .clippedRelu, .leakyRelu, .sigmoid, .tanh]
    kind = kinds[random.int(0...kinds.count - 1)]
    switch kind {
    case .clippedRelu: parameter = Float.random(in: 0.1...6, using: &random)
    case .leakyRelu: parameter = Float.random(in: -0.5...1.5, using: &random)
    default: break
    }
  }

  init(_ kind: Kind) { self.kind = kind }

  var description: String { "\(kind) \(parameter)" }

  var code: UInt32 {
    switch kind {
    case .none: UInt32(DNN_ACTIVATION_NONE)
    case .relu: UInt32(DNN_ACTIVATION_RELU)
    case .clippedRelu: UInt32(DNN_ACTIVATION_CLIPPED_RELU)
    case .leakyRelu: UInt32(DNN_ACTIVATION_LEAKY_RELU)
    case .sigmoid: UInt32(DNN_ACTIVATION_SIGMOID)
    case .tanh: UInt32(DNN_ACTIVATION_TANH)
    }
  }

  func callAsFunction(_ x: Double) -> Double {
    switch kind {
    case .none: x
    case .relu: max(x, 0)
    case .clippedRelu: min(max(x, 0), Double(parameter))
    case .leakyRelu: x < 0 ? Double(parameter) * x : x
    case .sigmoid: 1 / (1 + exp(-x))
    case .tanh: Foundation.tanh(x)
    }
  }

  /// How far the kernel's result for `x` can be off, if what it starts from is off by up to `error`.
  func bound(_ x: Double, error: Double) -> Double {
    switch kind {
    // Slopes from 0 to 1, and nothing is rounded.
    case .none, .relu, .clippedRelu: return error
    // A slope, and one product.
    case .leakyRelu:
      let slope = abs(Double(parameter))
      return max(1, slope) * error + Rounding.gamma(1) * slope * (abs(x) + error)
    // The slope is at most 1/4. The exponential, the sum with 1 and the quotient each give a relative error. Below -87.3, or
    // the next number in single precision, the kernel's exponential stays what it is there, and the result too.
    case .sigmoid:
      let value = self(x) + error / 4
      return error / 4 + Rounding.gamma(exponentialRoundings + 2) * value + exp(-87.3) + Rounding.underflow
    // The slope is at most 1. With q = 2 / (e^2x + 1), which is 1 - tanh x: the exponential moves q by q (1 - q / 2) times its
    // error, the sum and the quotient round it twice, the difference once. With u for the unit roundoff and the exponential's
    // error of 4 u that is 4 q - 2 q^2 + 2 q + |1 - q| times u, at most 5.125 u, for q = 7/4; 6 u holds the products of errors.
    case .tanh: return error + Rounding.gamma(6)
    }
  }
}

/// The kernels' exponential is within 2 units in the last place, which are 4 roundings at the lower end of a binade.
let exponentialRoundings = 4
