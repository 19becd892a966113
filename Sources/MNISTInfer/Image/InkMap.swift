/// How much each pixel of a canvas is ink: 0 for the paper; 255 is the difference of black and white.
struct InkMap: ~Copyable {
  let width: Int
  let height: Int
  let values: Buffer<Int16>

  var count: Int { width * height }

  /// What differs from the paper's colour, measured along the direction in which the picture differs from it most: red on pink
  /// stands out as well as black on white. The sum that gives the direction weighs each difference with its square, so that ink
  /// outweighs the paper's unevenness.
  init(coloursOf canvas: borrowing Canvas) throws(Failure) {
    values = try Buffer(count: canvas.width * canvas.height)
    width = canvas.width
    height = canvas.height
    let paper = SIMD4<Int64>(
      Int64(canvas.median(channel: 0)), Int64(canvas.median(channel: 1)), Int64(canvas.median(channel: 2)), 0)
    let pixels = canvas.pixels.start
    var sum = SIMD4<Int64>.zero
    for index in 0..<count {
      let difference = InkMap.colour(pixels + 3 * index) &- paper
      sum &+= difference &* (difference &* difference).wrappedSum()
    }
    let direction = InkMap.normalised(sum)
    for index in 0..<count {
      let difference = InkMap.colour(pixels + 3 * index) &- paper
      values.start[index] = Int16(truncatingIfNeeded: ((difference &* direction).wrappedSum() + 128) >> 8)
    }
  }

  /// What is brighter than the border, or darker for `Polarity.lightOnDark` where the border is bright.
  init(greysOf canvas: borrowing Canvas, _ polarity: Polarity) throws(Failure) {
    let grey = try Plane(width: canvas.width, height: canvas.height)
    for index in 0..<(grey.width * grey.height) {
      grey.values.start[index] = UInt8(truncatingIfNeeded: Plane.luminance(canvas.pixels.start + 3 * index))
    }
    values = try Buffer(count: grey.width * grey.height)
    width = grey.width
    height = grey.height
    let paper = Int16(grey.borderMedian())
    let sign: Int16 = polarity == .lightOnDark && paper > 127 ? -1 : 1
    for index in 0..<count { values.start[index] = sign * (Int16(grey.values.start[index]) - paper) }
  }

  @inline(__always) private static func colour(_ pixel: UnsafePointer<UInt8>) -> SIMD4<Int64> {
    SIMD4(Int64(pixel[0]), Int64(pixel[1]), Int64(pixel[2]), 0)
  }

  /// The vector with a length of 148 = 256 / √3, so that the difference of black and white becomes 255. Zero stays zero.
  private static func normalised(_ vector: SIMD4<Int64>) -> SIMD4<Int64> {
    var scaled = vector
    // The squares must fit.
    while max(abs(scaled.x), max(abs(scaled.y), abs(scaled.z))) >= 1 << 30 { scaled = scaled / SIMD4(repeating: 2) }
    let length = squareRoot((scaled &* scaled).wrappedSum())
    if length == 0 { return .zero }
    for channel in 0..<3 { scaled[channel] = floorDivide(2 * 148 * scaled[channel] + length, 2 * length) }
    return scaled
  }

  /// Takes the paper off: what is left of the ink if it may be no narrower than half of the picture's shorter side, which is
  /// true of shadows and uneven light but of no stroke (an opening: J. Serra, Image Analysis and Mathematical Morphology).
  func levelPaper() throws(Failure) {
    let paper = try Buffer<Int16>(count: count)
    paper.start.copy(from: values.start, count: count)
    let radius = max(1, min(width, height) / 4)
    let filter = try SlidingMinimum(longest: max(width, height), radius: radius)
    var sign: Int16 = 1
    for _ in 0..<2 {
      for y in 0..<height { filter.apply(to: paper.start + y * width, count: width, stride: 1, sign: sign) }
      for x in 0..<width { filter.apply(to: paper.start + x, count: height, stride: width, sign: sign) }
      sign = -1
    }
    for index in 0..<count { values.start[index] -= paper.start[index] }
  }

  /// The values in order, as far as anybody asks for them.
  struct Levels: BitwiseCopyable {
    /// The largest.
    var maximum: Int
    /// What all but about a thousandth of the pixels, at least two and at most 24, stay below: the ink's, where the largest may be
    /// a speck's. A digit has 24 if it is eight high and, on the average of all ten, a line three times as long and one wide.
    var ink: Int
    /// What two fifths of the pixels do not exceed: paper's.
    var paper: Int
  }

  func levels() -> Levels {
    var histogram = InlineArray<1024, Int>(repeating: 0)
    for index in 0..<count { histogram[max(0, Int(values.start[index]))] += 1 }
    return Levels(
      maximum: InkMap.value(of: histogram, rank: 0),
      ink: InkMap.value(of: histogram, rank: min(count / 1024 + 2, 24)),
      paper: InkMap.value(of: histogram, rank: count * 3 / 5))
  }

  /// The largest value that more than `rank` pixels reach, or 0.
  private static func value(of histogram: InlineArray<1024, Int>, rank: Int) -> Int {
    var (value, reached) = (1023, histogram[1023])
    while reached <= rank && value > 0 {
      value -= 1
      reached += histogram[value]
    }
    return value
  }

  /// The plane in which `black` and less is 0 and `white` and more 255. `black` is less than `white`.
  func stretched(black: Int, white: Int) throws(Failure) -> Plane {
    let plane = try Plane(width: width, height: height)
    for index in 0..<count {
      let value = (Int(values.start[index]) - black) * 255
      plane.values.start[index] = UInt8(min(max(value, 0) / (white - black), 255))
    }
    return plane
  }
}

/// ⌊√n⌋ for n ≥ 0, by Newton's method from above.
func squareRoot(_ n: Int64) -> Int64 {
  if n < 2 { return n }
  var root: Int64 = 1 << ((Int64.bitWidth - n.leadingZeroBitCount + 1) / 2)
  while true {
    let next = (root + n / root) / 2
    if next >= root { return root }
    root = next
  }
}

/// ⌊a / b⌋ for b > 0.
func floorDivide<Integer: FixedWidthInteger & SignedInteger>(_ a: Integer, _ b: Integer) -> Integer {
  a >= 0 ? a / b : -((b - 1 - a) / b)
}
