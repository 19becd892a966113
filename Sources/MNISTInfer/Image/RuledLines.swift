/// Removes lines that run from one edge of the plane to the opposite one, as on ruled and squared paper, in both directions.
///
/// What remains must stay clear of the edges that the lines reach: the bar of a 7 that was cut out without a margin is no line of
/// the paper. A single line with nothing else may be the picture's ink.
func removeRuledLines(_ plane: borrowing Plane, threshold: UInt8) throws(Failure) {
  let marks = try Buffer<UInt8>(count: plane.width * plane.height)
  for direction in 0..<2 {
    let isUpright = direction == 1
    marks.start.fill(with: 0, count: marks.count)
    let tracer = LineTracer(plane, marks, threshold: threshold, isUpright: isUpright)
    let found = tracer.markLines()
    if found == 0 { continue }
    let rest = try Plane(width: plane.width, height: plane.height)
    for index in 0..<marks.count where marks.start[index] == 0 { rest.values.start[index] = plane.values.start[index] }
    guard let ink = try Components(rest, threshold: threshold).heaviest else {
      if found > 1 { rest.copy(into: plane, left: 0, top: 0) }
      continue
    }
    // Twice what a line may lack: what stands apart from a bar that is taken for a line nearly reaches its ends.
    let margin = 2 * tracer.margin
    let isClear =
      isUpright
      ? ink.top >= margin && ink.bottom < plane.height - margin : ink.left >= margin && ink.right < plane.width - margin
    if isClear { rest.copy(into: plane, left: 0, top: 0) }
  }
}

/// Follows thin lines along rows, or, upright, along columns. Everything here is said of rows.
private struct LineTracer: ~Copyable {
  private let values: UnsafeMutablePointer<UInt8>
  private let marks: UnsafeMutablePointer<UInt8>
  private let threshold: UInt8
  private let length: Int
  private let depth: Int
  private let along: Int
  private let across: Int
  /// What a line has at most: more is a stroke.
  private let thickness: Int
  /// How far from the edges a line may begin and end, and how long its gaps may be.
  let margin: Int

  init(_ plane: borrowing Plane, _ marks: borrowing Buffer<UInt8>, threshold: UInt8, isUpright: Bool) {
    values = plane.values.start
    self.marks = marks.start
    self.threshold = threshold
    (length, depth) = isUpright ? (plane.height, plane.width) : (plane.width, plane.height)
    (along, across) = isUpright ? (plane.width, 1) : (1, plane.width)
    thickness = max(1, min(length, depth) / 48)
    margin = length / 16
  }

  /// Marks the pixels of lines, but for where other ink crosses them.
  ///
  /// - Returns: how many lines there are.
  func markLines() -> Int {
    var found = 0
    for x in 0...min(margin, length - 1) {
      var y = 0
      while y < depth {
        guard let run = run(x, y) else {
          y += 1
          continue
        }
        let isNew = marks[x * along + run.first * across] == 0
        if isNew, run.count <= thickness, let end = trace(x, run) {
          let chord = ((run.first + run.last) / 2, end)
          if trace(x, run, chord: chord) != nil {
            _ = trace(x, run, chord: chord, isMarking: true)
            found += 1
          }
        }
        y = run.last + 1
      }
    }
    return found
  }

  /// Ink above and below a pixel that is ink.
  private struct Run {
    var first: Int
    var last: Int
    var count: Int { last - first + 1 }
  }

  private func run(_ x: Int, _ y: Int) -> Run? {
    func isInk(_ y: Int) -> Bool { y >= 0 && y < depth && values[x * along + y * across] >= threshold }
    guard isInk(y) else { return nil }
    var run = Run(first: y, last: y)
    // More than the thickness need not be known exactly where a line is followed; the rest of a stroke costs no more than itself.
    while isInk(run.first - 1) { run.first -= 1 }
    while isInk(run.last + 1) { run.last += 1 }
    return run
  }

  /// Where a line that starts with a run ends, or nil if it does not go on to the other edge, thin in at least three quarters of
  /// the columns. With a `chord`, the rows of a straight line's ends, it must stay near that too, and is marked as it is followed.
  private func trace(_ start: Int, _ run: Run, chord: (first: Int, last: Int)? = nil, isMarking: Bool = false) -> Int? {
    var (y, gap, thin) = ((run.first + run.last) / 2, 0, 0)
    for x in start..<length {
      if let chord {
        let straight = chord.first + (chord.last - chord.first) * (x - start) / max(1, length - 1 - start)
        if abs(y - straight) > thickness + length / 128 { return nil }
      }
      if let next = nearestRun(x, y) {
        gap = 0
        if next.count > thickness { continue }
        thin += 1
        y = (next.first + next.last) / 2
        if isMarking {
          for row in next.first...next.last { marks[x * along + row * across] = 1 }
        }
      } else {
        gap += 1
        if gap > margin { return nil }
      }
    }
    return 4 * thin >= 3 * length ? y : nil
  }

  private func nearestRun(_ x: Int, _ y: Int) -> Run? {
    for distance in 0...(thickness / 2 + 1) {
      if let run = run(x, y - distance) { return run }
      if let run = run(x, y + distance) { return run }
    }
    return nil
  }
}
