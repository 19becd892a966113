import MNISTInfer

/// A layer of one's own: what it computes and how its gradients follow, for one image at a time.
///
/// A network has it where the description of its architecture says so:
///
///     let network = try Architecture { picture in
///       picture.conv(8, window: 5).layer(Swish()).maxPool(2).dense(10)
///     }
///
/// Values and gradients are those of one image, row-major, channels last. Several threads call a layer at once, so it keeps
/// nothing between calls; all that it learns is in its parameters. `forward` and `backward` must be functions of their arguments
/// alone, or else the same seed does not give the same network.
public protocol CustomLayer: Sendable {
  /// What the layer is called in the network, followed by a number: a lower-case word.
  var name: String { get }

  /// As the architecture's text and a model's provenance have it; `name` unless it says more.
  var description: String { get }

  /// The shape of the output, or nil if the layer does not take such an input.
  func output(for input: Shape) -> Shape?

  /// The parameters before training, as many as the layer learns.
  ///
  /// - Parameters:
  ///   - input: the shape of its input.
  ///   - uniform: gives a random number from -1 to 1, by the training's seed.
  /// - Returns: their values; always as many for the same input.
  func firstParameters(for input: Shape, uniform: () -> Float) -> [Float]

  /// Computes the output from the input.
  ///
  /// - Parameters:
  ///   - input: one image.
  ///   - parameters: as many as `firstParameters` gave.
  ///   - output: to be overwritten whole.
  func forward(_ input: Span<Float>, _ parameters: Span<Float>, output: inout MutableSpan<Float>)

  /// Computes the gradients of the loss by input and parameters from that by the output.
  ///
  /// - Parameters:
  ///   - input: as `forward` had it.
  ///   - parameters: as `forward` had them.
  ///   - outputGradient: the derivative of the loss by each element of the output.
  ///   - inputGradient: to be overwritten whole.
  ///   - parameterGradient: to be added to: it sums over images.
  func backward(
    _ input: Span<Float>, _ parameters: Span<Float>, outputGradient: Span<Float>,
    inputGradient: inout MutableSpan<Float>, parameterGradient: inout MutableSpan<Float>)

  /// What computes the same in a model's file, whose layers are those of the format.
  ///
  /// - Parameters:
  ///   - parameters: what was learned.
  ///   - input: the shape of its input.
  /// - Returns: layers that follow one another; the output has the input's shape.
  /// - Throws: `CustomLayerError.notExpressible` if there are none, which is what it does unless a layer says otherwise.
  ///   Such a network can be trained and measured, but not written.
  func exported(_ parameters: [Float], input: Shape) throws -> [ExportedLayer]
}

extension CustomLayer {
  /// The name.
  public var description: String { name }

  /// Nothing in a file computes this.
  public func exported(_ parameters: [Float], input: Shape) throws -> [ExportedLayer] {
    throw CustomLayerError.notExpressible(layer: name)
  }
}

/// A layer of a model's file in the place of one of one's own.
public enum ExportedLayer: Sendable {
  /// A function of each element.
  case activation(ActivationFunction)
  /// Each channel times a factor, and a term added, then an activation: as many of both as the input has channels.
  case channelwise(factors: [Float], terms: [Float], ActivationFunction)
}

/// Why a layer of one's own cannot be used.
public enum CustomLayerError: Error, Equatable, CustomStringConvertible {
  /// The format has no layers that compute what this one does.
  case notExpressible(layer: String)
  /// What `exported` gave does not fit the layer.
  case exportDoesNotFit(layer: String, reason: String)

  /// What is wrong and what to do.
  public var description: String {
    switch self {
    case .notExpressible(let layer):
      "the .dnn format has no layers that compute what \(layer) does, so the network cannot be written: implement its "
        + "exported(_:input:), or take another layer"
    case .exportDoesNotFit(let layer, let reason): "what \(layer) is exported as does not fit: \(reason)"
    }
  }
}

/// A layer of one's own inside of an architecture. Two are the same if their descriptions are.
public struct CustomLayerReference: Equatable, Sendable {
  let layer: any CustomLayer

  /// By their descriptions.
  public static func == (a: CustomLayerReference, b: CustomLayerReference) -> Bool {
    a.layer.description == b.layer.description
  }
}
