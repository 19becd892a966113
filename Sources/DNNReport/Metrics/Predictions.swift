import DNNCluster
import DNNModel
import DNNTrain

/// What a model made of labelled images.
public struct Predictions: Sendable {
  /// The classes' names.
  public let labels: [String]
  /// The class that each image is labelled with, from 0.
  public let truth: [Int]
  /// Of all classes, image after image.
  public let probabilities: [Float]
  /// The likeliest class of each image, the first where several are equally likely.
  public let predicted: [Int]

  /// Predictions with what is true.
  ///
  /// - Parameters:
  ///   - labels: the classes' names.
  ///   - truth: for each image an index of `labels`.
  ///   - probabilities: of all classes, image after image.
  public init(labels: [String], truth: [Int], probabilities: [Float]) {
    precondition(probabilities.count == labels.count * truth.count, "one probability a class and image")
    self.labels = labels
    self.truth = truth
    self.probabilities = probabilities
    predicted = truth.indices.map { image in
      let start = image * labels.count
      return labels.indices.reduce(0) { probabilities[start + $1] > probabilities[start + $0] ? $1 : $0 }
    }
  }

  /// Runs a model on images, through the code that ships.
  ///
  /// - Parameters:
  ///   - classifier: the model.
  ///   - data: images of the model's input shape, with labels that the model has a class for; the same on all ranks.
  ///   - ranks: the processes that share the images; all have all answers then.
  /// - Throws: `Failure`.
  public init(_ classifier: Classifier, on data: Dataset, _ ranks: Communicator = .alone) throws {
    let (share, size) = (ranks.share(of: data.count), data.shape.count)
    let own = data.images[share.lowerBound * size..<share.upperBound * size]
    let probabilities = try ranks.gather(classifier.predict(Array(own)))
    self.init(labels: classifier.labels, truth: data.labels, probabilities: Array(probabilities.joined()))
  }

  /// Images.
  public var count: Int { truth.count }

  /// How likely the model holds a class.
  public func probability(of class: Int, image: Int) -> Float { probabilities[image * labels.count + `class`] }

  /// How likely the model holds its own answer.
  public func confidence(image: Int) -> Float { probability(of: predicted[image], image: image) }

  /// Whether the model's answer is the label.
  public func isRight(image: Int) -> Bool { predicted[image] == truth[image] }

  /// How many classes come before the true one, by falling probability; 0 if the model is right. Of equally likely classes, the
  /// one with the smaller index comes first.
  public func rankOfTruth(image: Int) -> Int {
    let own = probability(of: truth[image], image: image)
    return labels.indices.count {
      let other = probability(of: $0, image: image)
      return other > own || other == own && $0 < truth[image]
    }
  }
}
