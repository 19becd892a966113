import MNISTInfer

/// Labelled images of one size.
public struct Dataset: Sendable {
  /// Of one image.
  public let shape: Shape
  /// One image after another, 8 bits a channel, row-major, channels last.
  public let images: [UInt8]
  /// The class of each image, from 0.
  public let labels: [Int]

  /// Images and as many labels.
  public init(shape: Shape, images: [UInt8], labels: [Int]) {
    precondition(images.count == labels.count * shape.count, "\(labels.count) labels for \(images.count) bytes")
    self.shape = shape
    self.images = images
    self.labels = labels
  }

  /// Images.
  public var count: Int { labels.count }

  /// - Throws: `DataError.labelOutOfRange` with the largest label if it is not below the number of classes.
  func checkLabels(path: String, classCount: Int) throws {
    guard let label = labels.max(), label >= classCount, let index = labels.firstIndex(of: label) else { return }
    throw DataError.labelOutOfRange(path: path, index: index, label: label, classCount: classCount)
  }

  /// Some of the images, in the given order.
  public func subset(_ indices: [Int]) -> Dataset {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(indices.count * shape.count)
    for index in indices { bytes += images[index * shape.count..<(index + 1) * shape.count] }
    return Dataset(shape: shape, images: bytes, labels: indices.map { labels[$0] })
  }

  /// Cuts off images to choose by, each class in proportion (what is left of the proportions goes to the largest remainders).
  ///
  /// - Parameters:
  ///   - heldOut: how many; at least 1.
  ///   - seed: which ones. It is not the training's, so that figures of different trainings can be compared.
  /// - Returns: the images left to train on, and those held out, both in their order.
  /// - Throws: `DataError.tooFewImages` if none would be left to train on.
  public func split(heldOut: Int, seed: UInt64 = 0) throws -> (training: Dataset, heldOut: Dataset) {
    guard heldOut >= 1, heldOut < count else { throw DataError.tooFewImages(count: count, heldOut: heldOut) }
    var order = Array(0..<count)
    var generator = RandomGenerator(RandomKey(seed: seed))
    generator.shuffle(&order)
    var quotas = quotas(heldOut)
    var isHeldOut = [Bool](repeating: false, count: count)
    for image in order where quotas[labels[image], default: 0] > 0 {
      quotas[labels[image], default: 0] -= 1
      isHeldOut[image] = true
    }
    return (subset((0..<count).filter { !isHeldOut[$0] }), subset((0..<count).filter { isHeldOut[$0] }))
  }

  /// By class, how many of `total` images are its.
  private func quotas(_ total: Int) -> [Int: Int] {
    let counts = labels.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    var quotas = counts.mapValues { $0 * total / count }
    let left = total - quotas.values.reduce(0, +)
    func remainder(_ label: Int) -> Int { counts[label, default: 0] * total % count }
    let first = counts.keys.sorted { (remainder($0), $1) > (remainder($1), $0) }
    for label in first.prefix(left) { quotas[label, default: 0] += 1 }
    return quotas
  }
}
