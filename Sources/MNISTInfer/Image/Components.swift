/// The connected parts of what is ink on a plane, diagonal neighbours included.
struct Components: ~Copyable {
  let count: Int
  /// By number, from 1; number 0 is paper.
  let parts: Buffer<Part>
  /// The number of each pixel's part.
  let numbers: Buffer<Int32>

  struct Part: BitwiseCopyable {
    /// Sum of the values.
    var mass = 0
    var peak: UInt8 = 0
    /// Whether some edge is steep.
    var isSharp = false
    /// Whether it goes around the ink: from an edge of the picture to the opposite one, or as `markFrame` finds it.
    var isFrame = false
    var isKept = true
    var left = 0
    var top = 0
    var right = 0
    var bottom = 0
    /// Of its box.
    var longerSide = 0

    var box: Plane.Box { Plane.Box(left: left, top: top, width: right - left + 1, height: bottom - top + 1) }

    /// Whether its box lies within another's and nowhere at its edge.
    func isInside(_ other: Part) -> Bool {
      left > other.left && top > other.top && right < other.right && bottom < other.bottom
    }
  }

  /// Pixels of at least `threshold` are ink.
  init(_ plane: borrowing Plane, threshold: UInt8) throws(Failure) {
    let (width, height) = (plane.width, plane.height)
    let numbers = try Buffer<Int32>(count: width * height)
    // No more parts than pixels of which no two touch.
    let parts = try Buffer<Part>(count: 1 + (width + 1) / 2 * ((height + 1) / 2))
    parts.start[0].isKept = false
    // Each pixel waits there at most once.
    let waiting = try Buffer<Int32>(count: width * height)
    let edge = Edges(plane)
    var found = 0
    for start in 0..<(width * height) where plane.values.start[start] >= threshold && numbers.start[start] == 0 {
      found += 1
      var part = Part()
      (part.left, part.top, part.right, part.bottom) = (width, height, -1, -1)
      waiting.start[0] = Int32(start)
      numbers.start[start] = Int32(found)
      var depth = 1
      while depth > 0 {
        depth -= 1
        let pixel = Int(waiting.start[depth])
        let (x, y) = (pixel % width, pixel / width)
        let value = plane.values.start[pixel]
        part.mass += Int(value)
        part.peak = max(part.peak, value)
        (part.left, part.right) = (min(part.left, x), max(part.right, x))
        (part.top, part.bottom) = (min(part.top, y), max(part.bottom, y))
        if !part.isSharp { part.isSharp = edge.isSteep(plane, x, y) }
        for row in max(y - 1, 0)...min(y + 1, height - 1) {
          for column in max(x - 1, 0)...min(x + 1, width - 1) {
            let neighbour = row * width + column
            if numbers.start[neighbour] != 0 || plane.values.start[neighbour] < threshold { continue }
            numbers.start[neighbour] = Int32(found)
            waiting.start[depth] = Int32(neighbour)
            depth += 1
          }
        }
      }
      part.isFrame = (part.left == 0 && part.right == width - 1) || (part.top == 0 && part.bottom == height - 1)
      part.longerSide = max(part.box.width, part.box.height)
      parts.start[found] = part
    }
    count = found
    self.numbers = numbers
    self.parts = parts
  }

  /// Tells strokes from shadows: a stroke's edge rises by half of the contrast within a 32nd of the picture.
  private struct Edges {
    let distance: Int

    init(_ plane: borrowing Plane) { distance = max(1, min(plane.width, plane.height) / 32) }

    func isSteep(_ plane: borrowing Plane, _ x: Int, _ y: Int) -> Bool {
      let value = Int(plane.values.start[y * plane.width + x])
      func differs(_ x: Int, _ y: Int) -> Bool {
        guard x >= 0, y >= 0, x < plane.width, y < plane.height else { return false }
        return abs(Int(plane.values.start[y * plane.width + x]) - value) >= 128
      }
      return differs(x - distance, y) || differs(x + distance, y) || differs(x, y - distance)
        || differs(x, y + distance)
    }
  }

  /// Marks what is no ink: what is faint or blurred all over; what reaches from edge to opposite edge, a frame or a table around
  /// the paper, if something of size remains; a frame around the digit; and specks, of less than a 16th of the heaviest part's mass.
  func markSpecks(width: Int, height: Int) {
    for number in 1..<(count + 1) {
      parts.start[number].isKept = parts.start[number].peak >= 160 && parts.start[number].isSharp
    }
    var picture = Part()
    (picture.right, picture.bottom) = (width - 1, height - 1)
    var hasInner = false
    for number in 1..<(count + 1) {
      let part = parts.start[number]
      if part.isKept && part.isInside(picture) && 8 * part.longerSide >= min(width, height) { hasInner = true }
    }
    for number in 1..<(count + 1) where hasInner && parts.start[number].isFrame { parts.start[number].isKept = false }
    markFrame(width: width)
    var heaviest = 0
    for number in 1..<(count + 1) where parts.start[number].isKept {
      heaviest = max(heaviest, parts.start[number].mass)
    }
    for number in 1..<(count + 1) where 16 * parts.start[number].mass < heaviest { parts.start[number].isKept = false }
  }

  /// A form's box or a circle around the digit: the longest part, if it encloses one of at least a quarter of its length, and stays
  /// within a fifth of its shorter side from its own box's edges. A circle is 0.15 from them where it is diagonal, and its pen has
  /// a width; the parts of MNIST's training images that enclose another so reach further in than a quarter.
  private func markFrame(width: Int) {
    let number = longest
    let frame = parts.start[number]
    var encloses = false
    for other in 1..<(count + 1) where parts.start[other].isKept && parts.start[other].isInside(frame) {
      if 4 * parts.start[other].longerSide >= frame.longerSide { encloses = true }
    }
    guard encloses else { return }
    let reach = min(frame.box.width, frame.box.height) / 5
    for y in (frame.top + reach + 1)..<(frame.bottom - reach) {
      for x in (frame.left + reach + 1)..<(frame.right - reach) where numbers.start[y * width + x] == number { return }
    }
    parts.start[number].isKept = false
    parts.start[number].isFrame = true
  }

  /// The number of the longest part that is kept; 0 if there is none.
  var longest: Int {
    var best = 0
    for number in 1..<(count + 1)
    where parts.start[number].isKept && parts.start[number].longerSide > parts.start[best].longerSide { best = number }
    return best
  }

  /// The part with the largest mass.
  var heaviest: Part? {
    if count == 0 { return nil }
    var best = parts.start[1]
    for number in 1..<(count + 1) where parts.start[number].mass > best.mass { best = parts.start[number] }
    return best
  }

  /// The smallest rectangle around all that is kept, or nil if nothing is.
  var keptBox: Plane.Box? {
    var box: Plane.Box?
    for number in 1..<(count + 1) where parts.start[number].isKept {
      box = box.map { $0.union(parts.start[number].box) } ?? parts.start[number].box
    }
    return box
  }

  /// Whether what is kept has three times the mass of the specks. Frames and shadows are none.
  var outweighsSpecks: Bool {
    var (kept, specks) = (0, 0)
    for number in 1..<(count + 1) {
      let part = parts.start[number]
      if part.isKept { kept += part.mass } else if part.isSharp && !part.isFrame { specks += part.mass }
    }
    return kept >= 3 * specks
  }

  /// Makes paper of all that is not kept.
  func clear(_ plane: borrowing Plane) {
    for index in 0..<(plane.width * plane.height) where !parts.start[Int(numbers.start[index])].isKept {
      plane.values.start[index] = 0
    }
  }
}
