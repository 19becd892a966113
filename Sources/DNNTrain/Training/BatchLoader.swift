import MNISTInfer

/// Brings images into a workspace, for training changed as the options say. Each thread has its own.
final class BatchLoader {
  private let network: TrainableNetwork
  private let augmentation: Augmentation
  private let smoothing: Float
  /// nil where nothing is changed.
  private let augmenter: Augmenter?
  private let outliers: Outliers
  private let changed: Buffer<UInt8>
  private let partner: Buffer<UInt8>

  /// - Throws: `Failure` if memory runs out.
  init(_ network: TrainableNetwork, _ options: TrainingOptions) throws {
    self.network = network
    augmentation = options.augmentation
    smoothing = options.labelSmoothing
    augmenter = augmentation == Augmentation() ? nil : try Augmenter(augmentation, shape: network.input)
    outliers = Outliers(share: augmentation.outliers, shape: network.input)
    changed = try Buffer(count: network.input.count)
    partner = try Buffer(count: network.input.count)
  }

  /// Loads images for training.
  ///
  /// - Parameters:
  ///   - images: indices, at most `shardSize`.
  ///   - data: what they are indices of.
  ///   - workspace: of the network.
  ///   - key: of the epoch; decides how the images are changed.
  /// - Returns: by image, what the network should make of it.
  func load(
    _ images: ArraySlice<Int>, of data: Dataset, into workspace: Workspace, _ key: RandomKey
  ) -> [SoftmaxCrossEntropy.Target] {
    data.images.withUnsafeBufferPointer { bytes in
      images.enumerated().map { place, image in
        let target = SoftmaxCrossEntropy.Target(label: data.labels[image], smoothing: smoothing)
        guard let start = bytes.baseAddress else { return target }
        guard let augmenter else {
          workspace.load(start + image * data.shape.count, as: place, of: network)
          return target
        }
        defer { workspace.load(changed.start, as: place, of: network) }
        return change(image, of: data, start, augmenter, target, key.stream(image))
      }
    }
  }

  /// Leaves a changed image, or what takes its place, in `changed`.
  ///
  /// - Returns: what the network should make of it.
  private func change(
    _ image: Int, of data: Dataset, _ start: UnsafePointer<UInt8>, _ augmenter: Augmenter,
    _ target: SoftmaxCrossEntropy.Target, _ key: RandomKey
  ) -> SoftmaxCrossEntropy.Target {
    let size = data.shape.count
    if outliers.takePlace(key.stream(3)) {
      outliers.make(from: start + image * size, into: partner.start, key.stream(4))
      augmenter.change(partner.start, into: changed.start, key.stream(0))
      return .even
    }
    augmenter.change(start + image * size, into: changed.start, key.stream(0))
    if augmentation.mixup == 0 { return target }
    let (other, share) = Mixup(alpha: augmentation.mixup).draw(key.stream(1), count: data.count)
    augmenter.change(start + other * size, into: partner.start, key.stream(2))
    Mixup.mix(partner.start, share: share, into: changed.start, count: size)
    var mixed = target
    mixed.mixed = (data.labels[other], share)
    return mixed
  }
}

extension Trainer {
  /// Loads images as they are.
  func load(_ images: ArraySlice<Int>, of data: Dataset, into workspace: Workspace) {
    data.images.withUnsafeBufferPointer { bytes in
      guard let start = bytes.baseAddress else { return }
      for (place, image) in images.enumerated() {
        workspace.load(start + image * data.shape.count, as: place, of: network)
      }
    }
  }
}
