import MNISTInfer

/// What is known of a data set besides its files: its classes' names, and how a picture from outside becomes like its own.
public struct KnownDataset: Sendable {
  /// As provenance and people call it.
  public let name: String
  /// By class.
  public let labels: [String]
  /// For pictures of other sizes than the data set's.
  public let preparation: Preparation
  /// Changes of training images that leave them what they are.
  public let augmentation: Augmentation

  /// Recognises MNIST and Fashion-MNIST by the folder's name. Others have their classes numbered, and pictures are only scaled.
  public init(folderName: String, classCount: Int) {
    let name = folderName.lowercased()
    let fashion = ["fashion-mnist", "fashion_mnist", "fashionmnist", "fashion"]
    if ["mnist", "synthetic"].contains(name), classCount == KnownDataset.fashionLabels.count {
      self.name = name
      labels = (0..<classCount).map { "\($0)" }
      preparation = .digits
      augmentation = .digits
      return
    }
    let isFashion = fashion.contains(name) && classCount == KnownDataset.fashionLabels.count
    self.name = isFashion ? "fashion-mnist" : folderName
    labels = isFashion ? KnownDataset.fashionLabels : (0..<classCount).map { "\($0)" }
    preparation =
      isFashion ? .clothes : Preparation(polarity: .lightOnDark, placement: .stretch, boxHeight: 0, boxWidth: 0)
    augmentation = isFashion ? .clothes : .pictures
  }

  private static let fashionLabels = [
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
  ]
}
