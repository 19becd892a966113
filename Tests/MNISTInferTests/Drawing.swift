/// Something like a 6, drawn with a round pen: a ring and a stroke that leads to it. Lengths are shares of the picture's side.
struct Drawing {
  var side = 240
  var centre = (x: 0.5, y: 0.55)
  var pen = 0.03

  /// How much ink a point has, falling off over the pen's edge.
  private func ink(_ x: Double, _ y: Double) -> Double {
    let (x, y) = (x - centre.x, y - centre.y)
    let ring = abs((x * x + y * y).squareRoot() - 0.12)
    // From the ring's left side upwards.
    let along = min(max((0.1 * (x + 0.12) - 0.28 * y) / (0.1 * 0.1 + 0.28 * 0.28), 0), 1)
    let (dx, dy) = (x + 0.12 - 0.1 * along, y + 0.28 * along)
    let distance = min(ring, (dx * dx + dy * dy).squareRoot())
    return min(max((pen - distance) * Double(side) + 0.5, 0), 1)
  }

  /// A PNG whose pixels, of three channels, are made from their ink and place.
  func png(_ pixel: (_ ink: Double, _ x: Double, _ y: Double) -> [UInt8]) -> [UInt8] {
    MNISTInferTests.png(pixels(pixel), width: side, height: side, channels: 3)
  }

  func pixels(_ pixel: (_ ink: Double, _ x: Double, _ y: Double) -> [UInt8]) -> [UInt8] {
    var pixels: [UInt8] = []
    for row in 0..<side {
      for column in 0..<side {
        let (x, y) = ((Double(column) + 0.5) / Double(side), (Double(row) + 0.5) / Double(side))
        pixels += pixel(ink(x, y), x, y)
      }
    }
    return pixels
  }
}

func grey(_ value: Double) -> [UInt8] { [UInt8](repeating: UInt8(min(max(value, 0), 255)), count: 3) }

/// Paper and ink mixed.
func mix(_ paper: (Double, Double, Double), _ ink: (Double, Double, Double), _ share: Double) -> [UInt8] {
  [paper.0 + (ink.0 - paper.0) * share, paper.1 + (ink.1 - paper.1) * share, paper.2 + (ink.2 - paper.2) * share]
    .map { UInt8($0) }
}
