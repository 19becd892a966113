/// Ink scaled to four times the box that it will fill, where strokes can be made wider and thinner in fractions of a pixel.
struct StrokeField: ~Copyable {
  /// Field pixels for one of the network's, in each direction.
  static let fineness = 4
  /// What the strokes' width is changed to if it is less or more, in 1/256 of a field pixel: 2 5/8 and 3 1/2 pixels of the
  /// network's. Of MNIST's training images, half have strokes of more than 2.66 pixels by the measure below, and a sixth of more
  /// than 3.5.
  static let widths = 2688...3584
  /// Strokes grow by at most two pixels on each side.
  static let maximumGrowth = 8

  let plane: Plane

  /// Scales the ink into the box, with `margin` field pixels of paper around it.
  init(_ source: borrowing Plane, _ ink: Plane.Box, _ preparation: Preparation, margin: Int) throws(Failure) {
    let fineness = StrokeField.fineness
    let size = fittingSize(
      ink, in: (fineness * preparation.boxWidth - 2 * margin, fineness * preparation.boxHeight - 2 * margin))
    let plane = try Plane(
      width: StrokeField.whole(size.width + 2 * margin), height: StrokeField.whole(size.height + 2 * margin))
    let box = Plane.Box(
      left: (plane.width - size.width) / 2, top: (plane.height - size.height) / 2, width: size.width,
      height: size.height)
    if max(size.width, size.height) > max(ink.width, ink.height) {
      source.enlarge(from: ink, into: plane, at: box)
    } else {
      try source.scale(from: ink, into: plane, at: box)
    }
    self.plane = plane
  }

  /// Rounded up to whole pixels of the network's.
  private static func whole(_ size: Int) -> Int { (size + fineness - 1) / fineness * fineness }

  private func isInk(_ x: Int, _ y: Int) -> Bool {
    x >= 0 && y >= 0 && x < plane.width && y < plane.height && plane.values.start[y * plane.width + x] >= 128
  }

  /// How many pixels are ink, and how many sides of pixels are between ink and paper.
  func measure() -> (area: Int, perimeter: Int) {
    var (area, perimeter) = (0, 0)
    for y in 0...plane.height {
      for x in 0...plane.width {
        let ink = isInk(x, y)
        if ink { area += 1 }
        if ink != isInk(x - 1, y) { perimeter += 1 }
        if ink != isInk(x, y - 1) { perimeter += 1 }
      }
    }
    return (area, perimeter)
  }

  /// The strokes' mean width in 1/256 of a field pixel: twice the area for each unit of the perimeter, of which the sides of
  /// pixels are 4/π as many where the edge has any direction.
  func strokeWidth() -> Int {
    let (area, perimeter) = measure()
    return perimeter == 0 ? 0 : Int(Int64(area) * 652 / Int64(perimeter))
  }

  /// Makes all within `radius` of the ink ink, or for a negative one all within that of paper paper; in 1/256 of a field pixel.
  /// What was grey becomes one of both.
  func grow(radius: Int) throws(Failure) {
    let reach = abs(radius) / 256
    let limit = radius * radius
    // For each pixel how far the nearest of the growing kind is in its row, in field pixels; beyond the reach, more than that.
    // At most 9: strokes grow by no more than 8.
    let distances = try Buffer<UInt8>(count: plane.width * plane.height)
    for y in 0..<plane.height {
      for x in 0..<plane.width {
        var distance = 0
        while distance <= reach, isInk(x - distance, y) != (radius > 0), isInk(x + distance, y) != (radius > 0) {
          distance += 1
        }
        distances.start[y * plane.width + x] = UInt8(truncatingIfNeeded: distance)
      }
    }
    for y in 0..<plane.height {
      for x in 0..<plane.width {
        // Paper begins at the field's edge.
        var isReached = radius < 0 && min(y + 1, plane.height - y) <= reach
        for row in max(0, y - reach)...min(plane.height - 1, y + reach) where !isReached {
          let across = Int(distances.start[row * plane.width + x])
          isReached = across <= reach && 65_536 * (across * across + (row - y) * (row - y)) <= limit
        }
        plane.values.start[y * plane.width + x] = isReached == (radius > 0) ? 255 : 0
      }
    }
  }

  /// The field in the network's pixels, each the mean of its square.
  func reduced() throws(Failure) -> Plane {
    let fineness = StrokeField.fineness
    let result = try Plane(width: plane.width / fineness, height: plane.height / fineness)
    try plane.scale(from: Plane.Box(plane), into: result, at: Plane.Box(result))
    return result
  }
}

extension Plane {
  /// Scales up without steps: each target pixel lies between four pixels of the source and takes from each the more, the nearer
  /// its centre is. Around the source is paper.
  fileprivate func enlarge(from source: Box, into target: borrowing Plane, at box: Box) {
    func value(_ x: Int, _ y: Int) -> Int64 {
      guard x >= 0, y >= 0, x < source.width, y < source.height else { return 0 }
      return Int64(values.start[(source.top + y) * width + source.left + x])
    }
    for y in 0..<box.height {
      // Where the target's centre lies, in units of which a source pixel has 2 · box.height.
      let (row, below) = Plane.position(y, source.height, box.height)
      for x in 0..<box.width {
        let (column, right) = Plane.position(x, source.width, box.width)
        let (left, above) = (2 * Int64(box.width) - right, 2 * Int64(box.height) - below)
        // With the products of two sides, which with 255 may need more than 32 bits.
        let sum =
          above * (left * value(column, row) + right * value(column + 1, row))
          + below * (left * value(column, row + 1) + right * value(column + 1, row + 1))
        let whole = 4 * Int64(box.width) * Int64(box.height)
        target.values.start[(box.top + y) * target.width + box.left + x] = UInt8((sum + whole / 2) / whole)
      }
    }
  }

  private static func position(_ index: Int, _ source: Int, _ target: Int) -> (pixel: Int, rest: Int64) {
    let place = Int64(2 * index + 1) * Int64(source) - Int64(target)
    let pixel = floorDivide(place, 2 * Int64(target))
    return (Int(pixel), place - pixel * 2 * Int64(target))
  }
}
