/// The minimum of a window around each element of a line, in three comparisons an element whatever the window's size: each window
/// is the end of one block and the start of the next, whose minima are known from both ends (M. van Herk, A fast algorithm for
/// local minimum and maximum filters on rectangular and octagonal kernels, 1992).
struct SlidingMinimum: ~Copyable {
  private let radius: Int
  private let forward: Buffer<Int16>
  private let backward: Buffer<Int16>

  /// For lines of up to `longest` elements and windows of 2 · radius + 1.
  init(longest: Int, radius: Int) throws(Failure) {
    // The line with a radius on either side, up to whole windows.
    let padded = longest + 4 * radius + 1
    let forward = try Buffer<Int16>(count: padded)
    let backward = try Buffer<Int16>(count: padded)
    self.radius = radius
    self.forward = forward
    self.backward = backward
  }

  /// Replaces each element by the smallest of those at most a radius away, or by the largest for a sign of -1. Beyond the ends of
  /// the line there is nothing.
  func apply(to line: UnsafeMutablePointer<Int16>, count: Int, stride: Int, sign: Int16) {
    let window = 2 * radius + 1
    let padded = (count + 2 * radius + window - 1) / window * window
    let (forward, backward) = (forward.start, backward.start)
    forward.fill(with: .max, count: padded)
    for index in 0..<count { forward[radius + index] = sign * line[index * stride] }
    backward.copy(from: forward, count: padded)
    for block in Swift.stride(from: 0, to: padded, by: window) {
      for index in (block + 1)..<(block + window) { forward[index] = min(forward[index], forward[index - 1]) }
      for index in Swift.stride(from: block + window - 2, through: block, by: -1) {
        backward[index] = min(backward[index], backward[index + 1])
      }
    }
    for index in 0..<count { line[index * stride] = sign * min(backward[index], forward[index + window - 1]) }
  }
}
