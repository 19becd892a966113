/// Finds the ink on a picture, whatever the paper and the light, and puts it where the data set has it.
func prepareInSteps(
  _ picture: borrowing Picture, _ preparation: Preparation, _ input: Shape, into target: UnsafeMutablePointer<UInt8>
) throws(Failure) {
  let steps = preparation.steps
  let result = try Plane(width: input.width, height: input.height)
  if picture.width == input.width && picture.height == input.height && isOpaqueGrey(picture) {
    let grey = try Plane(greyOf: picture)
    if passesThrough(grey, preparation) {
      if steps.contains(.nothing) {
        try grey.requireContrast()
        try grey.requireStructure(in: Plane.Box(grey))
      }
      grey.write(to: target, channels: input.channels)
      return
    }
  }
  let ink = try inkPlane(picture, preparation)
  try place(ink, preparation, into: result)
  result.write(to: target, channels: input.channels)
}

/// Whether a picture of the input's size is as the data set's; it is inverted for that if the model wants light on dark.
private func passesThrough(_ grey: borrowing Plane, _ preparation: Preparation) -> Bool {
  if !preparation.steps.contains(.fitted) {
    if preparation.polarity == .lightOnDark && grey.borderMedian() > 127 { grey.invert() }
    return true
  }
  if grey.isFitted(preparation) { return true }
  guard preparation.polarity == .lightOnDark else { return false }
  grey.invert()
  return grey.isFitted(preparation)
}

/// What is ink, 255 at its level, on paper of 0.
private func inkPlane(_ picture: borrowing Picture, _ preparation: Preparation) throws(Failure) -> Plane {
  let steps = preparation.steps
  let canvas = try Canvas(picture)
  let map =
    steps.contains(.colour) ? try InkMap(coloursOf: canvas) : try InkMap(greysOf: canvas, preparation.polarity)
  if steps.contains(.lighting) { try map.levelPaper() }
  let levels = map.levels()
  let level = steps.contains(.contrast) ? levels.ink : levels.maximum
  if steps.contains(.nothing) { try levels.requireInk(level, preparation) }
  guard level > 0 else { return try Plane(width: map.width, height: map.height) }
  // A fifth of the ink is the paper's texture, or what shines through; on clothes it is cloth.
  let black = steps.contains(.contrast) && preparation.placement == .centreOfMass ? level * 56 / 256 : 0
  return try map.stretched(black: black, white: level)
}

/// Cleans the plane, and scales and moves its ink into the result.
private func place(_ ink: borrowing Plane, _ preparation: Preparation, into result: borrowing Plane) throws(Failure) {
  let steps = preparation.steps
  let threshold = Plane.threshold(preparation.placement)
  if steps.contains(.lines) { try removeRuledLines(ink, threshold: threshold) }
  var longest = 0
  if steps.contains(.specks) {
    let parts = try Components(ink, threshold: threshold)
    parts.markSpecks(width: ink.width, height: ink.height)
    if steps.contains(.nothing), let box = parts.keptBox {
      guard parts.outweighsSpecks else { throw Failure(.nothingToSee, "nothing to see: the picture holds only specks") }
      try ink.requireStructure(in: box)
    }
    longest = parts.parts.start[parts.longest].longerSide
    parts.clear(ink)
  }
  guard let box = ink.boundingBox(threshold: threshold) else {
    if steps.contains(.nothing) { throw Failure(.nothingToSee, "nothing to see: no ink stands out") }
    return
  }
  if steps.contains(.nothing) {
    if !steps.contains(.specks) {
      longest = max(box.width, box.height)
      try ink.requireStructure(in: box)
    }
    guard longest >= Plane.leastSide else {
      throw Failure(.nothingToSee, "nothing to see: what is there has fewer than \(Plane.leastSide) pixels")
    }
  }
  let scaled = try scaledInk(ink, box, preparation)
  scaled.stretchContrast(background: 0)
  scaled.place(preparation.placement, into: result)
}

/// The ink in the box's size.
private func scaledInk(
  _ ink: borrowing Plane, _ box: Plane.Box, _ preparation: Preparation
) throws(Failure) -> Plane {
  let steps = preparation.steps
  if preparation.placement == .centreOfMass && (steps.contains(.strokes) || steps.contains(.nothing)) {
    let field = try StrokeField(ink, box, preparation, margin: 0)
    if steps.contains(.nothing) { try field.requireStrokes(preparation) }
    if steps.contains(.strokes) { return try withNormalStrokes(ink, box, preparation, width: field.strokeWidth()) }
  }
  let size = fittingSize(box, in: (preparation.boxWidth, preparation.boxHeight))
  let scaled = try Plane(width: size.width, height: size.height)
  try ink.scale(from: box, into: scaled, at: Plane.Box(scaled))
  return scaled
}

/// The ink in the box's size, its strokes, `width` wide when they fill the box, made as wide as the data set's.
private func withNormalStrokes(
  _ ink: borrowing Plane, _ box: Plane.Box, _ preparation: Preparation, width: Int
) throws(Failure) -> Plane {
  // Wider strokes need room, and are thinner again in what is left of the box.
  let widths = StrokeField.widths
  let room = (StrokeField.fineness * min(preparation.boxWidth, preparation.boxHeight) - 1) / 2
  let margin = min(max(0, (widths.lowerBound - width + 511) / 512), min(StrokeField.maximumGrowth, room))
  let field = try StrokeField(ink, box, preparation, margin: margin)
  let width = field.strokeWidth()
  // Half of what is missing on either side.
  let change = (min(max(width, widths.lowerBound), widths.upperBound) - width) / 2
  let radius = min(max(change, -256 * StrokeField.maximumGrowth), 256 * margin)
  if radius != 0 { try field.grow(radius: radius) }
  return try field.reduced()
}
