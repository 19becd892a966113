import DNNModel
import MNISTInfer

extension Trainer {
  /// What the network takes images for, by the trainer's own forward pass without dropout.
  ///
  /// This pass shares the kernels with the runtime and nothing else, which makes each a check of the other.
  ///
  /// - Parameter data: images of the network's input shape; their labels are not looked at.
  /// - Returns: the likeliest class of each image, the first where several are equally likely.
  public func predictedClasses(_ data: Dataset) -> [Int] {
    forEachImage(of: data, 0..<shardCount(of: data)) { _, logits in network.loss.likeliest(logits) }
  }

  /// The share of images whose likeliest class is their label.
  public func accuracy(on data: Dataset) -> Double { data.accuracy(of: predictedClasses(data)) }

  /// Mean cross-entropy and accuracy, by the same pass; all ranks together.
  func evaluate(on data: Dataset) -> (loss: Double, accuracy: Double) {
    let ranks = options.ranks
    let own = forEachImage(of: data, ranks.share(of: shardCount(of: data))) { image, logits in
      (loss: network.loss.loss(logits, label: data.labels[image]), class: network.loss.likeliest(logits))
    }
    let images = ranks.gather(own).joined()
    return (
      images.reduce(0) { $0 + $1.loss } / Double(max(data.count, 1)), data.accuracy(of: images.map(\.class))
    )
  }

  private func shardCount(of data: Dataset) -> Int { (data.count + shardSize - 1) / shardSize }

  /// What `body` makes of the index and logits of every image of some shards, in their order. It runs on several threads.
  private func forEachImage<Result>(
    of data: Dataset, _ shards: Range<Int>, _ body: (Int, UnsafePointer<Float>) -> Result
  ) -> [Result] {
    precondition(data.shape == network.input)
    let last = network.layers.count
    let all = shards.lowerBound * shardSize..<min(shards.upperBound * shardSize, data.count)
    return Array(unsafeUninitializedCapacity: all.count) { results, count in
      let results = results
      parallel.forEach(shards.count) { task, worker in
        let workspace = workspaces[worker]
        let first = all.lowerBound + task * shardSize
        let images = first..<min(first + shardSize, data.count)
        load(Array(images)[...], of: data, into: workspace)
        network.forward(workspace, imageCount: images.count, parameters: computedParameters, noise: nil)
        for (place, image) in images.enumerated() {
          let logits = workspace.values[last] + place * network.values[last].size
          results.initializeElement(at: image - all.lowerBound, to: body(image, logits))
        }
      }
      count = all.count
    }
  }
}

extension Classifier {
  /// What the model takes images for; see `Trainer.predictedClasses`.
  ///
  /// - Throws: `Failure`.
  public func predictedClasses(_ data: Dataset) throws -> [Int] {
    let probabilities = try predict(data.images)
    return probabilities.withUnsafeBufferPointer { all in
      (0..<data.count).map { image in
        firstMaximum(UnsafeBufferPointer(rebasing: all[image * labels.count..<(image + 1) * labels.count]))
      }
    }
  }
}

extension Dataset {
  /// The share of images whose predicted class is their label.
  public func accuracy(of predictedClasses: [Int]) -> Double {
    Double(zip(predictedClasses, labels).count { $0 == $1 }) / Double(max(count, 1))
  }
}
