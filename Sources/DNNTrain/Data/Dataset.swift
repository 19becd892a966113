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

  /// Some of the images, in the given order.
  public func subset(_ indices: [Int]) -> Dataset {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(indices.count * shape.count)
    for index in indices { bytes += images[index * shape.count..<(index + 1) * shape.count] }
    return Dataset(shape: shape, images: bytes, labels: indices.map { labels[$0] })
  }

  /// Cuts off images to choose by. Always the same ones, whatever the training's seed, so that figures of different trainings
  /// can be compared.
  ///
  /// - Parameter heldOut: how many; at least 1.
  /// - Returns: the images left to train on, and those held out.
  /// - Throws: `DataError.tooFewImages` if none would be left to train on.
  public func split(heldOut: Int) throws -> (training: Dataset, heldOut: Dataset) {
    guard heldOut >= 1, heldOut < count else { throw DataError.tooFewImages(count: count, heldOut: heldOut) }
    var order = Array(0..<count)
    var generator = RandomGenerator(RandomKey(seed: 0))
    generator.shuffle(&order)
    return (subset(order[heldOut...].sorted()), subset(order[..<heldOut].sorted()))
  }
}
