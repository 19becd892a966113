import DNNModel
import MNISTInfer
import Testing

@testable import DNNTrain

/// Pictures of a bar that lies, stands or goes down either diagonal, at a random place and brightness, in noise.
func bars(count: Int, seed: UInt64) -> Dataset {
  let side = 9
  var generator = RandomGenerator(RandomKey(seed: seed))
  var images: [UInt8] = []
  let labels = (0..<count).map { _ in generator.index(below: 4) }
  for label in labels {
    var picture = (0..<side * side).map { _ in UInt8(generator.index(below: 60)) }
    let brightness = UInt8(120 + generator.index(below: 120))
    let (y, x) = (2 + generator.index(below: side - 4), 2 + generator.index(below: side - 4))
    for step in -2...2 {
      let (dy, dx) = [(0, step), (step, 0), (step, step), (step, -step)][label]
      picture[(y + dy) * side + x + dx] = brightness
    }
    images += picture
  }
  return Dataset(shape: Shape(height: side, width: side, channels: 1), images: images, labels: labels)
}

private let architecture = "conv 6 3x3 relu; maxpool 2; flatten; dense 12 relu; dropout 0.2; dense 4"

private func train(
  threads: Int, seed: UInt64 = 1, epochs: Int = 1, count: Int = 200, optimizer: any Optimizer = Adam(learningRate: 0.01)
) throws -> (trainer: Trainer, file: ModelFile, losses: [Double]) {
  let (training, heldOut) = (bars(count: count, seed: 10), bars(count: 100, seed: 11))
  let trainer = try Trainer(
    Architecture(parsing: architecture), input: training.shape,
    options: TrainingOptions(epochs: epochs, batchSize: 50, seed: seed, threads: threads, optimizer: optimizer))
  var losses: [Double] = []
  trainer.train(on: training, heldOut: heldOut) { if $0.heldOutAccuracy != nil { losses.append($0.loss) } }
  let record = TrainingRecord(
    recipe: nil, data: "bars", dataSHA256: "none", labels: ["lying", "standing", "falling", "rising"],
    preparation: Preparation(polarity: .lightOnDark, placement: .stretch, boxHeight: 0, boxWidth: 0))
  return (trainer, try trainer.modelFile(record, heldOut: heldOut), losses)
}

@Suite struct TrainingTests {
  @Test("one seed, one file, for any number of threads; another seed, another file")
  func determinism() throws {
    // Batches of 50 leave a shard of two images, and 200 images are four steps.
    let file = try train(threads: 1).file.encoded()
    for threads in 2...4 {
      #expect(try train(threads: threads).file.encoded() == file, "\(threads) threads")
    }
    #expect(try train(threads: 1, seed: 2).file.encoded() != file)
  }

  @Test("learns to tell the bars apart", arguments: ["adam", "sgd"])
  func learning(name: String) throws {
    let optimizer: any Optimizer = name == "adam" ? Adam(learningRate: 0.01) : SGD(learningRate: 0.05)
    let (trainer, _, losses) = try train(threads: 2, epochs: 12, count: 600, optimizer: optimizer)
    #expect(trainer.accuracy(on: bars(count: 200, seed: 12)) >= 0.95, "losses \(losses)")
    #expect(try #require(losses.last) < losses[0] / 2)
  }

  @Test("the file through the runtime agrees with the trainer's own forward pass")
  func runtime() throws {
    let (trainer, file, _) = try train(threads: 2, epochs: 3)
    let data = bars(count: 100, seed: 13)
    let classifier = try Classifier(bytes: file.encoded(), threads: 1)
    #expect(classifier.labels == ["lying", "standing", "falling", "rising"])
    #expect(try classifier.predictedClasses(data) == trainer.predictedClasses(data))
    let test = try #require(file.selfTest)
    let actual = try classifier.predict(test.pictures)
    #expect(zip(actual, test.probabilities).allSatisfy { abs($0 - $1) <= test.tolerance })
  }

  @Test func exportedLayers() throws {
    let file = try train(threads: 1).file
    #expect(file.layers.map(\.name) == ["conv1", "pool1", "flatten1", "dense1", "dense2", "softmax"])
    #expect(file.layers.map(\.kind) == [.convolution, .maxPool, .flatten, .dense, .dense, .softmax])
    #expect(file.layers.map(\.activation) == [.relu, .none, .none, .relu, .none, .none])
    #expect(
      file.tensors.map(\.name) == [
        "conv1.weights", "conv1.bias", "dense1.weights", "dense1.bias", "dense2.weights", "dense2.bias",
      ])
    #expect(file.tensors.map(\.dimensions) == [[3, 3, 1, 6], [6], [54, 12], [12], [12, 4], [4]])
    #expect(file.provenance["held-out.count"] == "100")
    #expect(file.provenance["architecture"] == architecture)
    #expect(file.provenance["recipe"] == nil)
    #expect(file.provenance["data"] == "bars")
  }

  @Test("progress counts every image once an epoch")
  func progress() throws {
    let data = bars(count: 120, seed: 10)
    let trainer = try Trainer(
      Architecture(parsing: architecture), input: data.shape,
      options: TrainingOptions(epochs: 2, batchSize: 50, seed: 1, threads: 1, optimizer: Adam()))
    var seen: [[Int]] = []
    trainer.train(on: data, heldOut: data) {
      seen.append([$0.epoch, $0.imagesDone, $0.imageCount, $0.heldOutAccuracy == nil ? 0 : 1])
    }
    #expect(
      seen == [
        [1, 50, 120, 0], [1, 100, 120, 0], [1, 120, 120, 1], [2, 50, 120, 0], [2, 100, 120, 0], [2, 120, 120, 1],
      ])
  }

  @Test("the best epoch is kept if asked, the last otherwise", arguments: [true, false])
  func bestEpoch(keepsBest: Bool) throws {
    let (training, heldOut) = (bars(count: 300, seed: 10), bars(count: 100, seed: 11))
    // Steps too long to settle.
    let trainer = try Trainer(
      Architecture(parsing: architecture), input: training.shape,
      options: TrainingOptions(
        epochs: 10, batchSize: 50, seed: 1, threads: 2, optimizer: Adam(learningRate: 0.1), keepsBestEpoch: keepsBest))
    var accuracies: [Double] = []
    trainer.train(on: training, heldOut: heldOut) { accuracies += $0.heldOutAccuracy.map { [$0] } ?? [] }
    let (best, last) = (try #require(accuracies.max()), try #require(accuracies.last))
    #expect(best > last, "this training shows nothing: \(accuracies)")
    #expect(trainer.accuracy(on: heldOut) == (keepsBest ? best : last))
  }
}
