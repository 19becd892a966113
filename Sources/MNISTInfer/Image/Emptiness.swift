/// What tells a picture of something from one of nothing, by what is left of it.
extension Plane {
  /// Of 255, what the ink must differ from its paper by: less is the grain of paper and cameras.
  static let leastContrast = 20
  /// The longer side that ink must have, in pixels of the picture: the smallest type has digits of five.
  static let leastSide = 5

  /// From where on a pixel counts as ink: a quarter of the contrast for strokes; for clothes a twentieth, which is what the data
  /// set's margins were cut off by.
  static func threshold(_ placement: Placement) -> UInt8 { placement == .fit ? 13 : 64 }

  /// Whether the picture is as the data set's: light on dark, full contrast, ink that fills the box but for two pixels, and lies
  /// in the middle.
  func isFitted(_ preparation: Preparation) -> Bool {
    guard let ink = boundingBox(threshold: 1) else { return false }
    var brightest: UInt8 = 0
    for index in 0..<(width * height) { brightest = max(brightest, values.start[index]) }
    let fits = ink.width <= preparation.boxWidth && ink.height <= preparation.boxHeight
    let fills = ink.width >= preparation.boxWidth - 2 || ink.height >= preparation.boxHeight - 2
    // The ink may take most of the border.
    guard brightest >= 254, fits, fills, borderQuantile(eighths: 1) < Plane.threshold(.fit) else { return false }
    if preparation.placement == .fit {
      return abs(2 * ink.left + ink.width - width) <= 3 && abs(2 * ink.top + ink.height - height) <= 3
    }
    // In 1/256 of a pixel, where pixel 0 has its centre at 0: MNIST's lie within half a pixel of the middle of its 28.
    let centre = centreOfMass()
    return abs(centre.x - width * 128) <= 192 && abs(centre.y - height * 128) <= 192
  }

  /// Throws if all pixels are nearly the same.
  func requireContrast() throws(Failure) {
    var (darkest, brightest): (UInt8, UInt8) = (.max, .min)
    for index in 0..<(width * height) {
      (darkest, brightest) = (min(darkest, values.start[index]), max(brightest, values.start[index]))
    }
    guard Int(brightest) - Int(darkest) >= Plane.leastContrast else {
      throw Failure(.nothingToSee, "nothing to see: the picture is blank")
    }
  }

  /// Throws if the pixels of a box have nothing to do with their neighbours, as noise. The measure is the correlation of
  /// neighbours in the direction in which it is greatest (P. Moran, Notes on continuous stochastic phenomena, 1950). That of n
  /// pixels of noise is 0 with a standard deviation of 1 / √n; that of the thinnest drawing about 0.3. Noise has no margin: what fills
  /// the plane to its edges must differ from it by three standard deviations, which is more than the rest in up to 12 × 12 pixels.
  func requireStructure(in box: Box) throws(Failure) {
    let count = Int64(box.width) * Int64(box.height)
    var sum: Int64 = 0
    forEachPixel(of: box) { x, y in sum += Int64(values.start[y * width + x]) }
    let mean = (sum + count / 2) / count
    func deviation(_ x: Int, _ y: Int) -> Int64 { Int64(values.start[y * width + x]) - mean }
    var variance: Int64 = 0
    forEachPixel(of: box) { x, y in variance += deviation(x, y) * deviation(x, y) }
    if variance == 0 { return }
    let side = squareRoot(count)
    // In tenths of a standard deviation: 1/5 + 1/(2 √n) of the variance.
    var least = 2 * side + 5
    if box.width == width && box.height == height { least = max(least, 30) }
    let neighbours = [(1, 0), (0, 1), (1, 1), (-1, 1)] as InlineArray<4, (Int, Int)>
    for index in 0..<4 {
      let (right, down) = neighbours[index]
      var inner = box
      inner.width -= abs(right)
      inner.height -= down
      if right < 0 { inner.left += 1 }
      guard inner.width > 0, inner.height > 0 else { continue }
      var covariance: Int64 = 0
      forEachPixel(of: inner) { x, y in covariance += deviation(x, y) * deviation(x + right, y + down) }
      let covarianceOfAll = covariance * count / (Int64(inner.width) * Int64(inner.height))
      if 10 * side * covarianceOfAll >= least * variance { return }
    }
    throw Failure(.nothingToSee, "nothing to see: the picture is noise")
  }

  private func forEachPixel(of box: Box, _ body: (Int, Int) -> Void) {
    for y in box.top..<(box.top + box.height) {
      for x in box.left..<(box.left + box.width) { body(x, y) }
    }
  }
}

extension InkMap.Levels {
  /// Throws if the ink hardly differs from its paper, or drawn ink from what more than half of the picture holds, as in noise.
  func requireInk(_ level: Int, _ preparation: Preparation) throws(Failure) {
    guard level >= Plane.leastContrast else { throw Failure(.nothingToSee, "nothing to see: the picture is blank") }
    guard preparation.placement == .fit || 5 * paper <= level else {
      throw Failure(.nothingToSee, "nothing to see: the picture is noise or a texture")
    }
  }
}

extension StrokeField {
  /// Throws if the ink has more edge than strokes have: more than twelve times around the box's half. No image of MNIST has ten.
  func requireStrokes(_ preparation: Preparation) throws(Failure) {
    let side = StrokeField.fineness * max(preparation.boxWidth, preparation.boxHeight)
    guard measure().perimeter <= 12 * side else {
      throw Failure(.nothingToSee, "nothing to see: the picture is noise or a texture")
    }
  }
}
