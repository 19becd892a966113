/// How a value's 8-bit numbers stand for real ones: scale * (q - zeroPoint).
public struct Quantization: Equatable, BitwiseCopyable, Sendable {
  /// Positive and normal.
  public var scale: Float
  /// The number that stands for zero, 0 to 255.
  public var zeroPoint: Int

  /// A scale and a zero point.
  public init(scale: Float, zeroPoint: Int) {
    self.scale = scale
    self.zeroPoint = zeroPoint
  }
}

/// What an integer model computes with; defined by FileFormat.md, "Integer models". All factors are made of the file's float32
/// scales in binary64, each operation in the order given there, so that they are the same on every machine.
extension Network {
  /// Whether the file has a section QUAN: pictures go in as 8-bit numbers, and everything up to the probabilities is
  /// computed in integers.
  package var isInteger: Bool { quantizations.count > 0 }

  /// Of an integer model's value: 0 is the picture, i + 1 the output of layer i.
  package func quantization(ofValue value: Int) -> Quantization { quantizations[value] }

  /// Whether layer `index` writes the int32 logits that softmax reads.
  ///
  /// True for a convolution or dense layer whose output only the softmax reads. That can be but the one before it: the softmax
  /// is the last, and has to read what that writes, because every value is read.
  package func writesLogits(_ index: Int) -> Bool { layers[index].hasWeights && index == layers.count - 2 }

  /// The multipliers of all output columns of a convolution or dense layer.
  ///
  /// - Parameters:
  ///   - index: the layer.
  ///   - multipliers: receives one for each output channel, 0 to 2^31 - 1.
  /// - Returns: the shift of all of them.
  package func columnFactors(_ index: Int, into multipliers: UnsafeMutablePointer<Int32>) -> Int {
    let shift = columnShift(index)
    for column in 0..<layers[index].output.channels {
      multipliers[column] = FixedPoint.multiplier(columnFactor(index, column), shift: shift)
    }
    return shift
  }

  /// The shift that the largest factor of the columns asks for.
  func columnShift(_ index: Int) -> Int {
    var largest = columnFactor(index, 0)
    for column in 1..<layers[index].output.channels { largest = max(largest, columnFactor(index, column)) }
    return FixedPoint.shift(for: largest, bits: 31)
  }

  private func columnFactor(_ index: Int, _ column: Int) -> Double {
    let layer = layers[index]
    // The reader has checked that both are there.
    guard let weights = layer.weights, let scales = tensors[weights].scales else { return 1 }
    return scale(ofValue: layer.inputs.0) * Double(tensors[scales].floats[column]) / scale(ofValue: index + 1)
  }

  /// For average and global average pooling: from the sum of `elements` elements to the output.
  package func averageFactor(_ index: Int, elements: Int) -> FixedPoint {
    FixedPoint.average(
      input: quantizations[layers[index].inputs.0], output: quantizations[index + 1], elements: elements)
  }

  /// For an addition: a multiplier below 2^20 for each input, and their shift.
  package func sumFactors(_ index: Int) -> (first: Int32, second: Int32, shift: Int) {
    let first = scale(ofValue: layers[index].inputs.0) / scale(ofValue: index + 1)
    let second = scale(ofValue: layers[index].inputs.1) / scale(ofValue: index + 1)
    let shift = FixedPoint.shift(for: max(first, second), bits: 20)
    return (FixedPoint.multiplier(first, shift: shift), FixedPoint.multiplier(second, shift: shift), shift)
  }

  /// From differences of logits to powers of two: the logits' scale times log2(e).
  package func softmaxFactor(_ index: Int) -> FixedPoint {
    FixedPoint(scale(ofValue: layers[index].inputs.0) * 1.4426950408889634)
  }

  /// Bounds of a layer's 8-bit output: its activation and the range of 8 bits. A table is bounded by the latter alone.
  package func outputBounds(_ index: Int) -> (lower: Int, upper: Int) {
    let layer = layers[index]
    guard layer.kind != .activation else { return (0, 255) }
    let zeroPoint = quantizations[index + 1].zeroPoint
    switch layer.activation {
    case .relu: return (zeroPoint, 255)
    case .clippedRelu:
      let bound = Double(layer.activationParameter) / scale(ofValue: index + 1)
      // Checked first, because the quotient may be as large as 2^254.
      return (zeroPoint, bound < 255 ? min(255, zeroPoint + Int(roundedProduct(bound, powerOfTwo: 0))) : 255)
    case .none, .leakyRelu, .sigmoid, .tanh: return (0, 255)
    }
  }

  private func scale(ofValue value: Int) -> Double { Double(quantizations[value].scale) }
}
