import MNISTInfer

/// One layer of an architecture, whatever it reads.
public enum LayerSpecification: Equatable, Sendable, CustomStringConvertible {
  /// A convolution with bias; the window's groups divide the input's channels and the outputs.
  case convolution(outputs: Int, window: Window, activation: ActivationFunction)
  /// A convolution of each channel by itself.
  case depthwise(window: Window, activation: ActivationFunction)
  /// Every output a weighted sum of all inputs, with bias. Reads an image as a vector.
  case dense(outputs: Int, activation: ActivationFunction)
  /// The maximum of each window, without its padding.
  case maxPool(window: Window)
  /// The mean of each window, without its padding.
  case averagePool(window: Window)
  /// The mean of each channel.
  case globalAveragePool
  /// Each channel brought to mean 0 and variance 1, then to a mean and variance that are learned.
  case batchNormalisation(activation: ActivationFunction)
  /// Values dropped at random in training.
  case dropout(rate: Double)
  /// An image as a vector.
  case flatten
  /// The sum of two values of one shape.
  case add(activation: ActivationFunction)
  /// An activation alone.
  case activation(ActivationFunction)
  /// A layer of one's own.
  case custom(CustomLayerReference)

  /// As an architecture's text has it; for a sum, without what is added.
  public var description: String {
    switch self {
    case .convolution(let outputs, let window, let activation):
      "conv \(outputs) \(window.sizeText)" + window.stepText(usualStride: (1, 1))
        + (window.groups == 1 ? "" : " groups \(window.groups)") + activation.suffix
    case .depthwise(let window, let activation):
      "depthwise \(window.sizeText)" + window.stepText(usualStride: (1, 1)) + activation.suffix
    case .dense(let outputs, let activation): "dense \(outputs)" + activation.suffix
    case .maxPool(let window): "maxpool " + window.poolText
    case .averagePool(let window): "avgpool " + window.poolText
    case .globalAveragePool: "globalavgpool"
    case .batchNormalisation(let activation): "batchnorm" + activation.suffix
    case .dropout(let rate): "dropout \(rate)"
    case .flatten: "flatten"
    case .add(let activation): "add" + activation.suffix
    case .activation(let activation): String(activation.suffix.dropFirst())
    case .custom(let reference): reference.layer.description
    }
  }

  /// What the layers of this kind are called, before their number.
  var namePrefix: String {
    switch self {
    case .convolution: "conv"
    case .depthwise: "depthwise"
    case .dense: "dense"
    case .maxPool: "pool"
    case .averagePool: "avgpool"
    case .globalAveragePool: "globalpool"
    case .batchNormalisation: "norm"
    case .dropout: "dropout"
    case .flatten: "flatten"
    case .add: "add"
    case .activation: "activation"
    case .custom(let reference): reference.layer.name
    }
  }

  /// Whether single floats of the input are read and never vectors, so that its pixels need no padding.
  var readsScalars: Bool {
    switch self {
    case .convolution(_, let window, _): window.groups == 1
    case .flatten, .dense: true
    default: false
    }
  }

  /// Whether the layer learns.
  var hasParameters: Bool {
    switch self {
    case .convolution, .depthwise, .dense, .batchNormalisation, .custom: true
    default: false
    }
  }

  /// Whether the layer is a weighted sum that batch normalisation can be folded into.
  var isWeightedSum: Bool {
    switch self {
    case .convolution, .depthwise, .dense: true
    default: false
    }
  }

  /// What is applied to the layer's output, or none.
  var activation: ActivationFunction {
    switch self {
    case .convolution(_, _, let activation), .depthwise(_, let activation), .dense(_, let activation),
      .batchNormalisation(let activation), .add(let activation), .activation(let activation):
      activation
    case .maxPool, .averagePool, .globalAveragePool, .dropout, .flatten, .custom: .none
    }
  }

  /// The same layer without its activation.
  var withoutActivation: LayerSpecification {
    switch self {
    case .convolution(let outputs, let window, _): .convolution(outputs: outputs, window: window, activation: .none)
    case .depthwise(let window, _): .depthwise(window: window, activation: .none)
    case .dense(let outputs, _): .dense(outputs: outputs, activation: .none)
    case .batchNormalisation: .batchNormalisation(activation: .none)
    case .add: .add(activation: .none)
    case .maxPool, .averagePool, .globalAveragePool, .dropout, .flatten, .activation, .custom: self
    }
  }
}

extension Window {
  fileprivate var sizeText: String { "\(height)x\(width)" }

  fileprivate var poolText: String {
    (height == width ? "\(height)" : sizeText) + stepText(usualStride: (height, width))
  }

  /// Stride, padding and dilation where they are not the usual ones.
  fileprivate func stepText(usualStride: (Int, Int)) -> String {
    func pair(_ vertical: Int, _ horizontal: Int) -> String {
      vertical == horizontal ? "\(vertical)" : "\(vertical)x\(horizontal)"
    }
    var text = ""
    if (strideHeight, strideWidth) != usualStride { text += " stride " + pair(strideHeight, strideWidth) }
    if padTop != padBottom || padLeft != padRight {
      text += " pad \(padTop),\(padLeft),\(padBottom),\(padRight)"
    } else if padTop > 0 || padLeft > 0 {
      text += " pad " + pair(padTop, padLeft)
    }
    if dilationHeight > 1 || dilationWidth > 1 { text += " dilation " + pair(dilationHeight, dilationWidth) }
    return text
  }
}
