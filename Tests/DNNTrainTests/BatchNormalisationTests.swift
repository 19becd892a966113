import DNNModel
import MNISTInfer
import Testing

@testable import DNNTrain

@Suite struct BatchNormalisationTests {
  /// A residual block with a projection, a depthwise convolution, and a normalisation that no weighted sum can take in.
  private static let architecture = """
    conv 6 3x3 pad 1; batchnorm relu as x1; depthwise 3x3 pad 1; batchnorm relu; conv 9 1x1; batchnorm as x2; from x1; \
    conv 9 1x1; batchnorm; add x2 relu; maxpool 2; batchnorm; dense 12; batchnorm relu; dropout 0.1; dense 4
    """

  private func train(threads: Int, epochs: Int = 1, count: Int = 200) throws -> Trainer {
    let data = bars(count: count, seed: 10)
    let trainer = try Trainer(
      Architecture(parsing: Self.architecture), input: data.shape,
      options: TrainingOptions(
        epochs: epochs, batchSize: 50, seed: 1, threads: threads, optimizer: Adam(learningRate: 0.01)))
    trainer.train(on: data, heldOut: data.subset([0])) { _ in }
    return trainer
  }

  private func file(_ trainer: Trainer) throws -> ModelFile {
    let record = TrainingRecord(
      recipe: nil, data: "bars", dataSHA256: "none", labels: ["lying", "standing", "falling", "rising"],
      preparation: Preparation(polarity: .lightOnDark, placement: .stretch, boxHeight: 0, boxWidth: 0))
    return try trainer.modelFile(record, heldOut: bars(count: 50, seed: 11))
  }

  @Test("one file for any number of threads")
  func determinism() throws {
    let expected = try file(train(threads: 1)).encoded()
    for threads in 2...4 { #expect(try file(train(threads: threads)).encoded() == expected, "\(threads) threads") }
  }

  @Test("learns, and the folded file gives the trainer's probabilities")
  func folding() throws {
    let trainer = try train(threads: 2, epochs: 8, count: 600)
    let data = bars(count: 200, seed: 13)
    #expect(trainer.accuracy(on: data) >= 0.95)
    let model = try file(trainer)
    #expect(try Classifier(bytes: model.encoded(), threads: 1).predictedClasses(data) == trainer.predictedClasses(data))
    #expect(
      model.layers.map(\.name) == [
        "conv1", "depthwise1", "conv2", "conv3", "add1", "pool1", "norm5", "flatten1", "dense1", "dense2", "softmax",
      ])
    #expect(
      model.layers.map(\.activation) == [
        .relu, .relu, .none, .none, .relu, .none, .none, .none, .relu, .none, .none,
      ])
    // The normalisation after the pooling is a convolution of 1x1 with a group for each channel.
    #expect(model.layers[6].kind == .convolution && model.layers[6].window.groups == 9)
    // Probabilities too: those of the folded network, made a network again, against the one that was trained.
    let folded = try Trainer(continuing: model, options: trainer.options)
    #expect(largestLogitDifference(folded, trainer, data) < 1e-4)
  }

  private func largestLogitDifference(_ a: Trainer, _ b: Trainer, _ data: Dataset) -> Float {
    zip(logits(a, data), logits(b, data)).reduce(0) { max($0, abs($1.0 - $1.1)) }
  }

  private func logits(_ trainer: Trainer, _ data: Dataset) -> [Float] {
    let (network, workspace) = (trainer.network, trainer.workspaces[0])
    trainer.load(Array(0..<shardSize)[...], of: data, into: workspace)
    network.forward(workspace, imageCount: shardSize, parameters: trainer.parameters.start, noise: nil)
    let layout = network.loss.logits
    return (0..<shardSize).flatMap { image in
      (0..<4).map { workspace.values[network.layers.count][image * layout.size + layout.pixel(0, 0) + $0] }
    }
  }

  @Test("a shard's statistics are its mean and its variance without bias, weighted with its share of the batch")
  func statistics() throws {
    let harness = try NetworkHarness(
      "batchnorm; dense 2", input: Shape(height: 5, width: 4, channels: 3), imageCount: 7, seed: 1)
    _ = harness.run()
    for channel in 0..<3 {
      let all = harness.images.flatMap { image in stride(from: channel, to: 60, by: 3).map { image.pixels[$0] } }
      let mean = all.reduce(0, +) / 140
      let variance = all.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 139
      let norm = harness.network.layers[0].parameters
      // 140 terms below 1.
      let tolerance = 140 * 0x1p-24
      let actual = [2, 3].map { Double(norm[$0].elements(of: harness.gradient.start)[channel]) }
      #expect(abs(actual[0] - Double(harness.share) * mean) < tolerance, "channel \(channel): mean \(actual[0])")
      #expect(
        abs(actual[1] - Double(harness.share) * variance) < tolerance, "channel \(channel): variance \(actual[1])")
    }
  }

  @Test("running statistics go a tenth of the way at each step, as far as the batch's shards say")
  func running() throws {
    // 20 images: shards of 16 and 4.
    let data = bars(count: 20, seed: 1)
    let trainer = try Trainer(
      Architecture(parsing: "batchnorm; dense 4"), input: data.shape,
      options: TrainingOptions(epochs: 1, batchSize: 20, seed: 1, threads: 2, optimizer: SGD(learningRate: 0.1)))
    _ = trainer.trainStep(Array(0..<20)[...], of: data)
    var (mean, variance) = (0.0, 0.0)
    for images in [0..<16, 16..<20] {
      let pixels = data.images[images.lowerBound * 81..<images.upperBound * 81].map { Double($0) / 255 }
      let centre = pixels.reduce(0, +) / Double(pixels.count)
      let square = pixels.reduce(0) { $0 + ($1 - centre) * ($1 - centre) } / Double(pixels.count - 1)
      mean += centre * Double(images.count) / 20
      variance += square * Double(images.count) / 20
    }
    let norm = trainer.network.layers[0].parameters
    let actual = [2, 3].map { Double(norm[$0].elements(of: trainer.parameters.start)[0]) }
    #expect(abs(actual[0] - 0.1 * mean) < 1e-5, "mean \(actual[0])")
    #expect(abs(actual[1] - (0.9 + 0.1 * variance)) < 1e-5, "variance \(actual[1])")
  }
}
