/// One channel of a picture, 8 bits a pixel, and the integer operations that prepare it.
struct Plane: ~Copyable {
  let width: Int
  let height: Int
  let values: Buffer<UInt8>

  /// Of the contrast between background and the brightest ink, what a pixel must have to count as ink: an eighth is above the
  /// noise of cameras and the halo of scaled drawings.
  static let inkThreshold: UInt8 = 32

  /// All zero.
  init(width: Int, height: Int) throws(Failure) {
    self.width = width
    self.height = height
    values = try Buffer(count: width * height)
  }

  /// Luminance (ITU-R BT.601 weights, in 1/256) over the picture's background.
  init(greyOf picture: borrowing Picture) throws(Failure) {
    try self.init(width: picture.width, height: picture.height)
    let pixels = picture.pixels.start
    let background = Plane.background(of: picture)
    for index in 0..<(width * height) {
      let alpha = Int(pixels[4 * index + 3])
      let over = Plane.luminance(pixels + 4 * index) * alpha + background * (255 - alpha)
      values.start[index] = UInt8(truncatingIfNeeded: (over + 127) / 255)
    }
  }

  /// What lies under a transparent picture: white, or black where its visible part is bright on the average. People draw dark on
  /// nothing or light on nothing. Where most of it is opaque, but not its corners, that is paper, and what is under it bright as it is
  /// itself.
  static func background(of picture: borrowing Picture) -> Int {
    let pixels = picture.pixels.start
    var (visible, brightness): (Int64, Int64) = (0, 0)
    for index in 0..<(picture.width * picture.height) {
      let alpha = Int(pixels[4 * index + 3])
      visible += Int64(alpha)
      brightness += Int64(alpha * Plane.luminance(pixels + 4 * index))
    }
    let (right, bottom) = (picture.width - 1, (picture.height - 1) * picture.width)
    let corners = [0, right, bottom, bottom + right] as InlineArray<4, Int>
    var opaque = 0
    for index in corners.indices { opaque += Int(pixels[4 * corners[index] + 3]) }
    let isPaper = 4 * visible >= 3 * 255 * Int64(picture.width * picture.height) && opaque < 2 * 255
    return (brightness > visible * 127) == isPaper ? 255 : 0
  }

  init(channel: Int, of picture: borrowing Picture) throws(Failure) {
    try self.init(width: picture.width, height: picture.height)
    for index in 0..<(width * height) { values.start[index] = picture.pixels.start[4 * index + channel] }
  }

  /// Of red, green and blue.
  static func luminance(_ pixel: UnsafePointer<UInt8>) -> Int {
    (77 * Int(pixel[0]) + 150 * Int(pixel[1]) + 29 * Int(pixel[2]) + 128) >> 8
  }

  /// A rectangle of pixels.
  struct Box {
    var left: Int
    var top: Int
    var width: Int
    var height: Int

    init(left: Int, top: Int, width: Int, height: Int) {
      self.left = left
      self.top = top
      self.width = width
      self.height = height
    }

    /// The smallest that holds both.
    func union(_ other: Box) -> Box {
      let (left, top) = (min(left, other.left), min(top, other.top))
      return Box(
        left: left, top: top, width: max(self.left + width, other.left + other.width) - left,
        height: max(self.top + height, other.top + other.height) - top)
    }

    /// All of a plane.
    init(_ plane: borrowing Plane) { self.init(left: 0, top: 0, width: plane.width, height: plane.height) }
  }

  /// The brightness that half of the outermost pixels do not exceed: the background, as long as the ink leaves most of the
  /// border free.
  func borderMedian() -> UInt8 { borderQuantile(eighths: 4) }

  /// The brightness that so many eighths of the outermost pixels do not exceed.
  func borderQuantile(eighths: Int) -> UInt8 {
    var histogram = InlineArray<256, Int>(repeating: 0)
    var count = 0
    for y in 0..<height {
      let step = y == 0 || y == height - 1 ? 1 : max(width - 1, 1)
      for x in stride(from: 0, to: width, by: step) {
        histogram[Int(values[y * width + x])] += 1
        count += 1
      }
    }
    var (value, below) = (0, histogram[0])
    while 8 * below < eighths * count {
      value += 1
      below += histogram[value]
    }
    return UInt8(value)
  }

  func invert() {
    for index in 0..<(width * height) { values.start[index] = 255 - values.start[index] }
  }

  /// Moves the background to 0 and the brightest pixel to 255.
  func stretchContrast(background: UInt8) {
    var brightest = background
    for index in 0..<(width * height) { brightest = max(brightest, values.start[index]) }
    let range = Int(brightest) - Int(background)
    for index in 0..<(width * height) {
      let value = max(Int(values.start[index]) - Int(background), 0)
      values.start[index] = range == 0 ? 0 : UInt8((value * 255 + range / 2) / range)
    }
  }

  /// The smallest rectangle with all pixels of at least `threshold`, or nil if there are none.
  func boundingBox(threshold: UInt8) -> Box? {
    var (left, right, top, bottom) = (width, -1, height, -1)
    for y in 0..<height {
      for x in 0..<width where values[y * width + x] >= threshold {
        left = min(left, x)
        right = max(right, x)
        top = min(top, y)
        bottom = y
      }
    }
    return right < 0 ? nil : Box(left: left, top: top, width: right - left + 1, height: bottom - top + 1)
  }

  /// Scales by area: each target pixel is the mean of what lies under it, counted in exact fractions. Takes time in proportion to
  /// both boxes' areas, however long and narrow they are.
  func scale(from source: Box, into target: borrowing Plane, at box: Box) throws(Failure) {
    // For each column of the source, what lies under a row of the target.
    let sums = try Buffer<Int64>(count: source.width)
    // The weights of a target pixel add up to the source's height times its width.
    let area = Int64(source.height) * Int64(source.width)
    for y in 0..<box.height {
      let line = target.values.start + (box.top + y) * target.width + box.left
      let rows = Overlap(y, source.height, box.height)
      if y > 0, rows.isWithinOne, rows.isSame(as: Overlap(y - 1, source.height, box.height)) {
        line.copy(from: line - target.width, count: box.width)
        continue
      }
      add(rows, of: source, into: sums)
      for x in 0..<box.width {
        let columns = Overlap(x, source.width, box.width)
        var sum: Int64 = 0
        for column in columns.first...columns.last { sum += sums.start[column] * columns.weight(column) }
        line[x] = UInt8((sum + area / 2) / area)
      }
    }
  }

  private func add(_ rows: Overlap, of source: Box, into sums: borrowing Buffer<Int64>) {
    sums.start.fill(with: 0, count: source.width)
    for row in rows.first...rows.last {
      let (line, weight) = (values.start + (source.top + row) * width + source.left, rows.weight(row))
      for column in 0..<source.width { sums.start[column] += Int64(line[column]) * weight }
    }
  }

  /// Mean position of the brightness, in 1/256 of a pixel; the middle for an empty plane.
  func centreOfMass() -> (x: Int, y: Int) {
    var (mass, sumX, sumY): (Int64, Int64, Int64) = (0, 0, 0)
    for y in 0..<height {
      for x in 0..<width {
        let value = Int64(values[y * width + x])
        mass += value
        sumX += Int64(x) * value
        sumY += Int64(y) * value
      }
    }
    if mass == 0 { return ((width - 1) * 128, (height - 1) * 128) }
    return (Int((sumX * 256 + mass / 2) / mass), Int((sumY * 256 + mass / 2) / mass))
  }

  /// Puts the plane into the middle of a larger one: its centre of mass, or its box.
  func place(_ placement: Placement, into target: borrowing Plane) {
    var (left, top) = ((target.width - width) / 2, (target.height - height) / 2)
    if placement == .centreOfMass {
      // The centre of a picture of n pixels is (n - 1) / 2; in 1/256 of a pixel, rounded to a whole one.
      let centre = centreOfMass()
      left = min(max(((target.width - 1) * 128 - centre.x + 128) >> 8, 0), target.width - width)
      top = min(max(((target.height - 1) * 128 - centre.y + 128) >> 8, 0), target.height - height)
    }
    copy(into: target, left: left, top: top)
  }

  /// Copies the plane into a larger one.
  func copy(into target: borrowing Plane, left: Int, top: Int) {
    for y in 0..<height {
      for x in 0..<width { target.values[(top + y) * target.width + left + x] = values[y * width + x] }
    }
  }

  /// Writes the plane as an image of one channel, or of two with an opaque alpha.
  func write(to target: UnsafeMutablePointer<UInt8>, channels: Int) {
    for index in 0..<(width * height) {
      target[index * channels] = values[index]
      if channels == 2 { target[index * channels + 1] = 255 }
    }
  }
}

/// Which pixels of a line of `source` lie under pixel `index` of a line of `target` pixels, and how much of each, in units in
/// which one source pixel is `target` long and one target pixel `source` long.
private struct Overlap {
  let first: Int
  let last: Int
  private let start: Int64
  private let end: Int64
  private let pixel: Int64

  init(_ index: Int, _ source: Int, _ target: Int) {
    start = Int64(index) * Int64(source)
    end = start + Int64(source)
    pixel = Int64(target)
    first = Int(start / pixel)
    last = Int((end - 1) / pixel)
  }

  /// Whether the target's pixel is no larger than the one of the source that it lies on.
  var isWithinOne: Bool { first == last }

  func isSame(as other: Overlap) -> Bool { first == other.first && last == other.last }

  func weight(_ index: Int) -> Int64 { min(end, Int64(index + 1) * pixel) - max(start, Int64(index) * pixel) }
}
