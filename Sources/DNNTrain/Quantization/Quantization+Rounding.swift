import MNISTInfer

extension Quantization {
  /// Scale and zero point of numbers from `lower` to `upper`. Zero is always one of them, because padding is zero.
  ///
  /// - Parameters:
  ///   - lower: finite.
  ///   - upper: finite.
  ///   - least: the smallest scale to give, positive.
  init(from lower: Float, to upper: Float, leastScale least: Float) {
    let (lower, upper) = (min(lower, 0), max(upper, 0))
    let scale = max(upper / 255 - lower / 255, least)
    self.init(scale: scale, zeroPoint: Int(min((-lower / scale).rounded(.toNearestOrEven), 255)))
  }

  /// The least and largest number that 8 bits stand for.
  var bounds: ClosedRange<Float> { scale * Float(-zeroPoint)...scale * Float(255 - zeroPoint) }

  /// The 8-bit number that stands for the nearest number.
  func code(_ value: Double) -> UInt8 {
    UInt8(min(max((value / Double(scale)).rounded(.toNearestOrEven) + Double(zeroPoint), 0), 255))
  }

  /// Rounds numbers in place; their count is a multiple of the vector's lanes.
  func round(_ values: UnsafeMutablePointer<Float>, count: Int) {
    let (lowest, highest) = (Vector(repeating: Float(-zeroPoint)), Vector(repeating: Float(255 - zeroPoint)))
    var index = 0
    while index < count {
      let steps = (Vector(values + index) / scale).rounded(.toNearestOrEven)
      (steps.clamped(lowerBound: lowest, upperBound: highest) * scale).store(values + index)
      index += Vector.scalarCount
    }
  }
}
