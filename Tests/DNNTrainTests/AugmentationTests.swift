import Foundation
import MNISTInfer
import Testing

@testable import DNNTrain

@Suite struct AugmentationTests {
  private let shape = Shape(height: 28, width: 28, channels: 1)

  private func changed(_ image: [UInt8], _ augmentation: Augmentation, seed: UInt64, _ shape: Shape) throws -> [UInt8] {
    var target = [UInt8](repeating: 7, count: image.count)
    try Augmenter(augmentation, shape: shape).change(image, into: &target, RandomKey(seed: seed))
    return target
  }

  private func augmentation(_ text: String) throws -> Augmentation { try Augmentation(parsing: text) }

  /// 3 x + 4 y, which bilinear interpolation gives back exactly between the pixels.
  private var ramp: [UInt8] {
    (0..<784).map { pixel -> UInt8 in
      let (row, column) = (pixel / 28, pixel % 28)
      return UInt8(3 * column + 4 * row)
    }
  }

  @Test("nothing asked for, nothing changed; three channels too")
  func nothing() throws {
    let image = (0..<28 * 28 * 3).map { UInt8(truncatingIfNeeded: $0 * 31) }
    for text in ["none", "erase 0", "shift 0, rotate 0"] {
      #expect(
        try changed(image, augmentation(text), seed: 1, Shape(height: 28, width: 28, channels: 3)) == image, "\(text)")
    }
  }

  @Test(
    "each pixel comes from where the map says",
    arguments: [
      "shift 3", "rotate 30", "scale 0.3", "shear 20", "flip", "shift 2, rotate 15, scale 0.2, shear 10, flip",
    ])
  func resampling(text: String) throws {
    let augmentation = try augmentation(text)
    var moved = false
    for seed: UInt64 in 1...10 {
      let actual = try changed(ramp, augmentation, seed: seed, shape)
      var generator = RandomGenerator(RandomKey(seed: seed).stream(0))
      let map = AffineMap(augmentation, shape, &generator)
      let wrong = (0..<784).first { pixel in
        let (row, column) = map.source(ofRow: Float(pixel / 28), column: Float(pixel % 28))
        let expected = 3 * min(max(column, 0), 27) + 4 * min(max(row, 0), 27)
        // Rounded to whole numbers, after some roundings of float32.
        return abs(Float(actual[pixel]) - expected) >= 0.501
      }
      #expect(wrong == nil, "seed \(seed), pixel \(wrong ?? 0)")
      moved = moved || actual != ramp
    }
    #expect(moved)
  }

  @Test("the map's parts: lengths, angles, areas and the centre")
  func maps() throws {
    func draw(_ text: String, _ check: (_ origin: SIMD2<Float>, _ x: SIMD2<Float>, _ y: SIMD2<Float>) -> Void) throws {
      for seed: UInt64 in 1...50 {
        var generator = RandomGenerator(RandomKey(seed: seed))
        let map = AffineMap(try augmentation(text), shape, &generator)
        func point(_ row: Float, _ column: Float) -> SIMD2<Float> {
          let source = map.source(ofRow: row, column: column)
          return [source.column, source.row]
        }
        let origin = point(13.5, 13.5)
        check(origin - 13.5, point(13.5, 14.5) - origin, point(14.5, 13.5) - origin)
      }
    }
    func length(_ v: SIMD2<Float>) -> Float { (v * v).sum().squareRoot() }
    func area(_ x: SIMD2<Float>, _ y: SIMD2<Float>) -> Float { x.x * y.y - x.y * y.x }
    try draw("rotate 30") { origin, x, y in
      #expect(length(origin) < 1e-5 && abs(length(x) - 1) < 1e-5 && abs((x * y).sum()) < 1e-5)
      #expect(x.x >= Float(cos(Double.pi / 6)) - 1e-5)
    }
    try draw("scale 0.25") { _, x, y in
      #expect(abs(x.y) < 1e-6 && abs(x.x - y.y) < 1e-6 && x.x >= 1 / 1.25 - 1e-5 && x.x <= 1 / 0.75 + 1e-5)
    }
    try draw("shear 45") { _, x, y in
      #expect(length(x - [1, 0]) < 1e-5 && abs(y.y - 1) < 1e-6 && abs(y.x) <= 1 + 1e-5 && abs(area(x, y) - 1) < 1e-5)
    }
    try draw("shift 3") { origin, x, y in
      #expect(length(x - [1, 0]) < 1e-5 && length(y - [0, 1]) < 1e-5 && abs(origin.x) <= 3 && abs(origin.y) <= 3)
    }
    var mirrored = 0
    try draw("flip") { _, x, y in
      #expect(abs(abs(x.x) - 1) < 1e-5 && length(y - [0, 1]) < 1e-5)
      if x.x < 0 { mirrored += 1 }
    }
    // 50 throws of a coin: four standard deviations are 14.
    #expect(abs(mirrored - 25) <= 14, "\(mirrored)")
  }

  @Test("a mirrored image is the image mirrored")
  func mirror() throws {
    let image = (0..<784).map { UInt8(truncatingIfNeeded: $0 * 37) }
    let mirror = (0..<784).map { pixel -> UInt8 in
      let (row, column) = (pixel / 28, pixel % 28)
      return image[row * 28 + 27 - column]
    }
    let all = try (1...20).map { try changed(image, augmentation("flip"), seed: $0, shape) }
    #expect(all.allSatisfy { $0 == image || $0 == mirror } && all.contains(image) && all.contains(mirror))
  }

  @Test("the elastic field has the deviation and the smoothness of smoothed noise", arguments: [1.5, 3] as [Float])
  func elasticField(smoothness: Float) throws {
    let field = try DisplacementField(height: 40, width: 37, smoothness: smoothness)
    var (square, neighbours, sum, count) = (0.0, 0.0, 0.0, 0)
    for seed: UInt64 in 1...60 {
      field.draw(RandomKey(seed: seed), strength: 10)
      for start in [field.rows, field.columns] {
        // Far enough from the edge for the whole window.
        for y in stride(from: 10, to: 30, by: 5) {
          for x in stride(from: 10, to: 26, by: 5) {
            let (value, next) = (Double(start[y * field.stride + x]), Double(start[y * field.stride + x + 1]))
            sum += value
            square += value * value
            neighbours += value * next
            count += 1
          }
        }
      }
    }
    // The variance of noise in ±10 is 100 / 3; a Gaussian of deviation s leaves 1 / (4 π s²) of it, and between neighbours a
    // correlation of exp(-1 / (4 s²)).
    let deviation = (100 / 3 / (4 * Double.pi * Double(smoothness * smoothness))).squareRoot()
    let measured = (square / Double(count)).squareRoot()
    #expect(abs(measured / deviation - 1) < 0.1, "\(measured) instead of \(deviation)")
    #expect(abs(sum / Double(count)) < 0.1 * deviation)
    #expect(abs(neighbours / square - exp(-1 / (4 * Double(smoothness * smoothness)))) < 0.03)
  }

  @Test("elastic distortion moves a ramp by its field")
  func elasticImage() throws {
    let augmentation = try augmentation("elastic 40, smooth 4")
    let actual = try changed(ramp, augmentation, seed: 3, shape)
    let field = try DisplacementField(height: 28, width: 28, smoothness: 4)
    field.draw(RandomKey(seed: 3).stream(1), strength: 40)
    var largest: Float = 0
    for pixel in 0..<784 {
      let place = pixel / 28 * field.stride + pixel % 28
      let row = min(max(Float(pixel / 28) + field.rows[place], 0), 27)
      let column = min(max(Float(pixel % 28) + field.columns[place], 0), 27)
      #expect(abs(Float(actual[pixel]) - 3 * column - 4 * row) < 0.501, "pixel \(pixel)")
      largest = max(largest, abs(field.rows[place]))
    }
    #expect(largest > 0.5)
  }

  @Test("a rectangle of the area allowed is filled, as often as asked")
  func erasing() throws {
    let image = [UInt8](repeating: 0, count: 784)
    var erased = 0
    for seed: UInt64 in 1...200 {
      let actual = try changed(image, augmentation("erase 0.5"), seed: seed, shape)
      let places = actual.indices.filter { actual[$0] != 0 }
      guard let first = places.first, let last = places.last else { continue }
      erased += 1
      let (rows, columns) = (first / 28...last / 28, places.map { $0 % 28 })
      let (left, right) = (columns.min() ?? 0, columns.max() ?? 0)
      let area = rows.count * (right - left + 1)
      // Of the paper's 2 % to 40 %, after rounding both sides down; noise is 0 at one pixel of 256.
      #expect(area >= 4 && area <= 314, "seed \(seed): \(area) pixels")
      #expect(places.count > area * 9 / 10 - 2, "seed \(seed)")
    }
    // 200 throws of a coin: four standard deviations are 28.
    #expect(abs(erased - 100) <= 28, "\(erased)")
  }

  @Test("mixup's shares are from a beta distribution", arguments: [0.1, 0.2, 1] as [Float])
  func mixup(alpha: Float) {
    let draws = (0..<4000).map { Mixup(alpha: alpha).draw(RandomKey(seed: 1).stream($0), count: 10) }
    #expect(draws.allSatisfy { $0.share >= 0 && $0.share <= 0.5 && (0..<10).contains($0.image) })
    #expect(Set(draws.map(\.image)).count == 10)
    // The mean of x (1 - x), which does not tell x from 1 - x, is a / (2 (2 a + 1)). Its deviation is below 1/8: four standard
    // errors are 0.008.
    let mean = draws.reduce(0.0) { $0 + Double($1.share) * Double(1 - $1.share) } / 4000
    let a = Double(alpha)
    #expect(abs(mean - a / (2 * (2 * a + 1))) < 0.008, "\(mean)")
  }

  @Test("an image is changed the same wherever it stands in a batch, and otherwise in another epoch")
  func independence() throws {
    let data = bars(count: 40, seed: 1)
    var options = TrainingOptions(epochs: 1, batchSize: 8, seed: 1, threads: 1, optimizer: Adam())
    options.augmentation = try augmentation("shift 2, elastic 5, erase 0.5, mixup 1, outliers 0.3")
    let network = try TrainableNetwork(Architecture(parsing: "dense 4"), input: data.shape)
    let (loader, workspace) = (try BatchLoader(network, options), try Workspace(network))
    func load(_ images: [Int], epoch: Int) -> [[Float]] {
      let targets = loader.load(images[...], of: data, into: workspace, RandomKey(seed: 1).stream(epoch))
      let layout = network.values[0]
      return images.indices.map { place in
        (0..<layout.size).map { workspace.values[0][place * layout.size + $0] }
          + [Float(targets[place].label), Float(targets[place].mixed.label), targets[place].mixed.share]
      }
    }
    let first = load([3, 17, 29], epoch: 1)
    let second = load([29, 5, 8, 3], epoch: 1)
    #expect(first[0] == second[3] && first[2] == second[0])
    #expect(load([3], epoch: 2)[0] != first[0])
  }

  @Test(
    "reads what it writes",
    arguments: [Augmentation(), .digits, .clothes, .pictures, Recipe(named: "digits")?.augmentation].compactMap(\.self))
  func description(augmentation: Augmentation) throws {
    #expect(try Augmentation(parsing: augmentation.description) == augmentation)
  }

  @Test(
    "what is no change of images",
    arguments: [
      "turn 3", "rotate", "rotate 200", "rotate x", "flip 1", "erase 1.5", "mixup 0.01", "shift -1", "scale nan",
      "outliers 1.1",
    ])
  func rejected(text: String) throws {
    #expect(throws: AugmentationError.self) { try Augmentation(parsing: text) }
  }
}
