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
    precondition(data.shape == network.input)
    let last = network.layers.count
    let logits = network.values[last]
    var classes = [Int](repeating: 0, count: data.count)
    classes.withUnsafeMutableBufferPointer { classes in
      parallel.forEach((data.count + shardSize - 1) / shardSize) { shard, worker in
        let workspace = workspaces[worker]
        let images = shard * shardSize..<min((shard + 1) * shardSize, data.count)
        load(Array(images)[...], of: data, into: workspace)
        network.forward(workspace, imageCount: images.count, parameters: computedParameters, noise: nil)
        for (place, image) in images.enumerated() {
          let start = workspace.values[last] + place * logits.size + logits.pixel(0, 0)
          classes[image] = firstMaximum(UnsafeBufferPointer(start: start, count: network.classCount))
        }
      }
    }
    return classes
  }

  /// The share of images whose likeliest class is their label.
  public func accuracy(on data: Dataset) -> Double { data.accuracy(of: predictedClasses(data)) }
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

private func firstMaximum(_ values: UnsafeBufferPointer<Float>) -> Int {
  var best = 0
  for index in values.indices where values[index] > values[best] { best = index }
  return best
}
