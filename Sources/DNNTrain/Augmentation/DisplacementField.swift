import Glibc
import MNISTInfer

/// How far elastic distortion moves each pixel: uniform noise in ±1, smoothed by a Gaussian and multiplied by the strength. Noise
/// beyond the image counts as 0.
final class DisplacementField {
  /// Floats from one row to the next in `rows` and `columns`.
  let stride: Int
  /// By pixel: how far down it looks.
  var rows: UnsafeMutablePointer<Float> { fields.start }
  /// By pixel: how far to the right.
  var columns: UnsafeMutablePointer<Float> { fields.start + height * stride }
  private let height: Int
  private let width: Int
  /// The Gaussian at -radius…radius, with sum 1.
  private let weights: Buffer<Float>
  private let fields: Buffer<Float>
  /// Noise with room of `radius` zeros all around, and the same smoothed down its columns.
  private let noise: Buffer<Float>
  private let smoothed: Buffer<Float>
  private let paddedStride: Int

  init(height: Int, width: Int, smoothness: Float) throws {
    (self.height, self.width) = (height, width)
    // Past three standard deviations there is 0.3 % of a Gaussian.
    let radius = Int((3 * smoothness).rounded(.up))
    let bell = (-radius...radius).map { exp(-Float($0 * $0) / (2 * smoothness * smoothness)) }
    let sum = bell.reduce(0, +)
    weights = try Buffer(count: bell.count)
    for (index, value) in bell.enumerated() { weights[index] = value / sum }
    stride = roundUp(width, to: Vector.scalarCount)
    paddedStride = stride + 2 * roundUp(radius, to: Vector.scalarCount)
    fields = try Buffer(count: 2 * height * stride)
    noise = try Buffer(count: (height + 2 * radius) * paddedStride)
    smoothed = try Buffer(count: height * paddedStride)
  }

  private var radius: Int { weights.count / 2 }
  private var left: Int { (paddedStride - stride) / 2 }

  /// Makes new displacements.
  func draw(_ key: RandomKey, strength: Float) {
    for (index, field) in [rows, columns].enumerated() {
      fill(key.stream(index), strength)
      smoothColumns()
      smoothRows(into: field)
    }
  }

  /// Two numbers from each 64 bits, in ± the strength.
  private func fill(_ key: RandomKey, _ strength: Float) {
    let unit = strength * 0x1p-31
    for y in 0..<height {
      let row = noise.start + (y + radius) * paddedStride + left
      for x in 0..<width {
        let word = key.bits(at: (y * width + x) >> 1)
        row[x] = Float(Int32(truncatingIfNeeded: x & 1 == 0 ? word : word >> 32)) * unit
      }
    }
  }

  /// Rows of noise beyond the image are zero and left out.
  private func smoothColumns() {
    for y in 0..<height {
      let first = max(radius - y, 0)
      let taps = first..<min(weights.count, height + radius - y)
      for x in Swift.stride(from: left, to: left + stride, by: Vector.scalarCount) {
        sum(noise.start + y * paddedStride + x, step: paddedStride, taps).store(smoothed.start + y * paddedStride + x)
      }
    }
  }

  private func smoothRows(into field: UnsafeMutablePointer<Float>) {
    for y in 0..<height {
      for x in Swift.stride(from: 0, to: stride, by: Vector.scalarCount) {
        let source = smoothed.start + y * paddedStride + left + x - radius
        sum(source, step: 1, 0..<weights.count).store(field + y * stride + x)
      }
    }
  }

  @inline(__always) private func sum(_ source: UnsafePointer<Float>, step: Int, _ taps: Range<Int>) -> Vector {
    let weights = weights.start
    var sum = Vector.zero
    var tap = taps.lowerBound
    while tap < taps.upperBound {
      sum += weights[tap] * Vector(source + tap * step)
      tap += 1
    }
    return sum
  }
}
