import MNISTInfer

extension Quantization {
  /// Scale and zero point of numbers from `lower` to `upper`. Zero is always one of them, because padding is zero. The scale is one
  /// that the format takes, whatever the numbers are.
  ///
  /// - Parameters:
  ///   - lower: finite.
  ///   - upper: finite.
  ///   - least: the smallest scale to give, positive.
  init(from lower: Float, to upper: Float, leastScale least: Float) {
    let (lower, upper) = (min(lower, 0), max(upper, 0))
    let scale = min(max(upper / 255 - lower / 255, least, .leastNormalMagnitude), .greatestFiniteMagnitude)
    self.init(scale: scale, zeroPoint: Int(min((-lower / scale).rounded(.toNearestOrEven), 255)))
  }

  /// The least and largest number that 8 bits stand for.
  var bounds: ClosedRange<Float> { scale * Float(-zeroPoint)...scale * Float(255 - zeroPoint) }

  /// The 8-bit number that stands for the nearest number.
  func code(_ value: Double) -> UInt8 {
    // In this order what is no number becomes the lower bound.
    UInt8(min(max(0, (value / Double(scale)).rounded(.toNearestOrEven) + Double(zeroPoint)), 255))
  }

  /// Rounds numbers to those that 8 bits stand for.
  ///
  /// - Parameters:
  ///   - values: finite numbers.
  ///   - target: where the rounded ones go; may be the same place.
  ///   - count: a multiple of the vector's lanes.
  func round(_ values: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>, count: Int) {
    let (lowest, highest) = (Vector(repeating: Float(-zeroPoint)), Vector(repeating: Float(255 - zeroPoint)))
    var index = 0
    while index < count {
      let steps = (Vector(values + index) / scale).clamped(lowerBound: lowest, upperBound: highest)
      (roundedToNearest(steps) * scale).store(target + index)
      index += Vector.scalarCount
    }
  }

  /// Sets gradients to zero where the number nearest to a value is none that 8 bits stand for.
  ///
  /// - Parameters:
  ///   - values: before rounding.
  ///   - gradient: of the rounded values; changed in place.
  ///   - count: a multiple of the vector's lanes.
  func stopClipped(_ values: UnsafePointer<Float>, gradient: UnsafeMutablePointer<Float>, count: Int) {
    let lowest = Vector(repeating: (Float(-zeroPoint) - 0.5) * scale)
    let highest = Vector(repeating: (Float(255 - zeroPoint) + 0.5) * scale)
    var index = 0
    while index < count {
      let value = Vector(values + index)
      let isClipped = (value .< lowest) .| (value .> highest)
      Vector(gradient + index).replacing(with: 0, where: isClipped).store(gradient + index)
      index += Vector.scalarCount
    }
  }
}

/// Rounds to whole numbers.
///
/// Next to 1.5 × 2^23 float32 has no room for fractions, so the addition rounds. The processor's own instruction is not in the
/// instructions that every x86-64 has, and a call for each number takes many times as long.
///
/// - Parameter values: at most 2^22 in size.
/// - Returns: the nearest whole numbers, the even one of two as near.
func roundedToNearest(_ values: Vector) -> Vector {
  let large = Vector(repeating: 0x1.8p23)
  return (values + large) - large
}
