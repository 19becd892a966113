import DNNModel
import Foundation
import MNISTInfer
import Testing

@testable import DNNTrain

/// Training images replaced by images of no class.
@Suite struct OutlierTests {
  private static let shape = Shape(height: 28, width: 28, channels: 1)

  private func outlier(of image: [UInt8], _ shape: Shape = Self.shape, seed: UInt64) -> [UInt8] {
    var target = [UInt8](repeating: 77, count: image.count)
    Outliers(share: 1, shape: shape).make(from: image, into: &target, RandomKey(seed: seed))
    return target
  }

  @Test("as often as asked, and the same ones every time", arguments: [0, 0.1, 0.5] as [Float])
  func share(share: Float) {
    let outliers = Outliers(share: share, shape: Self.shape)
    let taken = (0..<10_000).map { outliers.takePlace(RandomKey(seed: 1).stream($0)) }
    // Four standard deviations of 10,000 throws of a coin are 200, of one with a tenth 120.
    #expect(abs(taken.count { $0 } - Int(10_000 * share)) <= (share == 0 ? 0 : 200))
    #expect(taken == (0..<10_000).map { outliers.takePlace(RandomKey(seed: 1).stream($0)) })
  }

  @Test(
    "a third are the image turned by a quarter, in all four ways; the others are light strokes of the size of digits")
  func kinds() throws {
    // Every pixel another; what stands in row r and column c is 28 r + c, less one bit.
    let image = (0..<784).map { UInt8(truncatingIfNeeded: $0 >> 2) }
    func turned(_ place: (Int, Int) -> Int) -> [UInt8] { (0..<784).map { image[place($0 / 28, $0 % 28)] } }
    let ways = [
      turned { 28 * $1 + $0 }, turned { 28 * (27 - $1) + $0 }, turned { 28 * $1 + 27 - $0 },
      turned { 28 * (27 - $1) + 27 - $0 },
    ]
    var counts = [Int](repeating: 0, count: 5)
    for seed: UInt64 in 0..<360 {
      let actual = outlier(of: image, seed: seed)
      counts[ways.firstIndex(of: actual) ?? 4] += 1
      if ways.contains(actual) { continue }
      let ink = actual.indices.filter { actual[$0] >= 128 }
      let (rows, columns) = (ink.map { $0 / 28 }, ink.map { $0 % 28 })
      let extent = max(try #require(rows.max()) - rows.min()!, try #require(columns.max()) - columns.min()!) + 1
      // Strokes take 20 pixels; the pen's half width of 1.3 is up to 0.4 more or less, and edges may lie between pixels. What
      // reaches over the image's edge, because its centre of mass does not lie in its middle, is missing.
      let isWhole = rows.min()! > 0 && columns.min()! > 0 && rows.max()! < 27 && columns.max()! < 27
      #expect(extent <= 22 && (!isWhole || extent >= 18), "seed \(seed): \(extent) pixels")
      // White at least once, and more ground than ink.
      #expect(actual.max() == 255 && ink.count < 392, "seed \(seed)")
    }
    // Four standard deviations of 360 throws with a third are 36, with a twelfth 21.
    #expect(abs(counts[4] - 240) <= 36 && counts[..<4].allSatisfy { abs($0 - 30) <= 21 }, "\(counts)")
  }

  @Test("images of several channels are turned pixel by pixel; what is not square is not turned")
  func shapes() {
    let (square, wide) = (Shape(height: 6, width: 6, channels: 3), Shape(height: 6, width: 9, channels: 3))
    let image = (0..<6 * 9 * 3).map { UInt8($0) }
    var turned = 0
    for seed: UInt64 in 0..<60 {
      let small = outlier(of: Array(image.prefix(108)), square, seed: seed)
      // In strokes, all channels are alike.
      if small[0] != small[1] {
        turned += 1
        #expect(
          stride(from: 0, to: 108, by: 3).allSatisfy {
            small[$0 + 1] == small[$0] + 1 && small[$0 + 2] == small[$0] + 2
          })
        #expect(small.sorted() == Array(image.prefix(108)))
      }
      let other = outlier(of: image, wide, seed: seed)
      #expect(stride(from: 0, to: other.count, by: 3).allSatisfy { Set(other[$0..<$0 + 3]).count == 1 }, "seed \(seed)")
    }
    #expect(turned > 0)
  }

  @Test("the network is asked to take them for nothing, and for its accuracy they do not count")
  func training() throws {
    let data = bars(count: 64, seed: 3)
    var options = TrainingOptions(epochs: 1, batchSize: 64, seed: 1, threads: 2, optimizer: Adam())
    options.labelSmoothing = 0.1
    options.augmentation.outliers = 0.5
    let network = try TrainableNetwork(Architecture(parsing: "dense 4"), input: data.shape)
    let (loader, workspace) = (try BatchLoader(network, options), try Workspace(network))
    let key = RandomKey(seed: 1)
    var outliers = 0
    for image in 0..<64 {
      let target = loader.load([image], of: data, into: workspace, key)[0]
      #expect(target.isLabelled ? target.label == data.labels[image] && target.smoothing == 0.1 : target.smoothing == 1)
      outliers += target.isLabelled ? 0 : 1
    }
    #expect((1...63).contains(outliers))
    let trainer = try Trainer(Architecture(parsing: "dense 4"), input: data.shape, options: options)
    let result = trainer.trainStep(Array(0..<64)[...], of: data)
    #expect((1...63).contains(result.labelled) && result.hits <= result.labelled)
    // Of nothing but outliers.
    options.augmentation.outliers = 0.99999
    let without = try Trainer(Architecture(parsing: "dense 4"), input: data.shape, options: options)
    #expect(without.trainStep(Array(0..<64)[...], of: data).labelled == 0)
  }

  @Test("a network trained with them is less sure of strokes at random, and still after fine-tuning in 8 bits")
  func doubt() throws {
    let synthetic = SyntheticDigits.draw(count: 400, seed: 1)
    let (training, heldOut) = try synthetic.split(heldOut: 100)
    let scribbles = (0..<100).flatMap { seed -> [UInt8] in
      var image = [UInt8](repeating: 0, count: 784)
      var generator = RandomGenerator(RandomKey(seed: UInt64(1000 + seed)))
      Scribble(shape: Self.shape, isRounded: seed % 2 == 0).draw(into: &image, &generator)
      return image
    }
    func confidence(_ model: ModelFile) throws -> Double {
      let probabilities = try Classifier(bytes: model.encoded(), threads: 1).predict(scribbles)
      return (0..<100).reduce(0) { $0 + Double(probabilities[10 * $1..<10 * $1 + 10].max() ?? 0) } / 100
    }
    var confidences: [Double] = []
    for share: Float in [0, 0.5] {
      var options = TrainingOptions(epochs: 8, batchSize: 16, seed: 1, threads: 2, optimizer: Adam())
      options.augmentation.outliers = share
      let trainer = try Trainer(
        Architecture(parsing: "dense 32 relu; dense 10"), input: Self.shape, options: options)
      trainer.train(on: training, heldOut: heldOut) { _ in }
      let record = TrainingRecord(
        recipe: nil, data: "synthetic", dataSHA256: "none", labels: (0..<10).map { "\($0)" },
        preparation: Preparation(polarity: .lightOnDark, placement: .stretch, boxHeight: 0, boxWidth: 0))
      let model = try trainer.modelFile(record, heldOut: heldOut)
      #expect(model.provenance["augmentation"] == (share > 0 ? "outliers 0.5" : nil))
      confidences.append(try confidence(model))
      if share == 0 { continue }
      let tuned = try Quantizer(
        model, training: training, heldOut: heldOut,
        options: QuantizationOptions(threads: 2, fineTuning: FineTuning(epochs: 2, learningRate: 1e-3))
      ).quantize()
      confidences.append(try confidence(tuned.file))
    }
    #expect(confidences[1...].allSatisfy { $0 < confidences[0] - 0.15 }, "\(confidences)")
  }
}
