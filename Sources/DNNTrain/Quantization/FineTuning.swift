import DNNModel
import Glibc
import MNISTInfer

/// How a quantized model is trained further with its rounding in the loop.
public struct FineTuning: Equatable, Sendable {
  /// Passes over the training images, at least 1.
  public var epochs: Int
  /// Adam's, at the start; it falls to zero by half a cosine.
  public var learningRate: Float

  /// A tenth of Adam's usual learning rate unless told otherwise: the weights are to adapt, not to be found anew.
  public init(epochs: Int, learningRate: Float = 1e-4) {
    (self.epochs, self.learningRate) = (epochs, learningRate)
  }

  /// Images a step.
  static let batchSize = 64
}

extension Quantizer {
  /// Trains weights and biases further while the network computes with their rounded ones, ranges and scales staying as they
  /// are. What is kept is the best on held-out images of the model before and those after each epoch: the more accurate one, of
  /// two as accurate the one with the smaller loss, the first of several.
  ///
  /// - Parameters:
  ///   - fineTuning: how.
  ///   - report: called after every step.
  /// - Throws: `ModelFileError` or `Failure` if the format cannot express the model.
  func fineTune(_ fineTuning: FineTuning, report: (TrainingProgress) -> Void) throws {
    var options = TrainingOptions(
      epochs: fineTuning.epochs, batchSize: FineTuning.batchSize, seed: self.options.seed,
      threads: self.options.threads, optimizer: Adam(learningRate: fineTuning.learningRate))
    options.schedule = LearningRateSchedule(.cosine)
    // Without, the network would forget to be unsure of what is of no class.
    options.augmentation.outliers = source.trainedOutliers
    // The picture's 8-bit numbers are exact.
    let trainer = try Trainer(
      continuing: networkWithCorrectedBiases(), roundings: quantizations.filter { $0.key > 0 },
      weightScales: products.mapValues(\.scales), options: options)
    var best = (products: products, score: try HeldOutScore(quantizedNetwork(), heldOut, threads: options.threads))
    try trainer.train(on: training, heldOut: choiceImages) { progress in
      report(progress)
      guard progress.heldOutAccuracy != nil else { return }
      takeWeights(of: trainer)
      guard let score = try measurable({ try HeldOutScore(quantizedNetwork(), heldOut, threads: options.threads) }),
        score.isBetter(than: best.score)
      else { return }
      best = (products, score)
      keptEpoch = progress.epoch
    }
    for (layer, product) in best.products { setProduct(product, ofLayer: layer) }
  }

  /// What training starts from: the float network's weights, and biases as they were corrected.
  private func networkWithCorrectedBiases() -> ModelFile {
    var model = network
    for (layer, product) in products {
      model.layers[layer].bias = model.appendTensor("", [product.bias.count], .float32(product.bias))
    }
    return model
  }

  private func takeWeights(of trainer: Trainer) {
    for (layer, product) in products {
      func elements(_ role: Parameter.Role) -> [Float] {
        trainer.network.elements(role, ofNode: layer, trainer.parameters.start)
      }
      setProduct(product.with(weights: elements(.weights), bias: elements(.bias)), ofLayer: layer)
    }
  }

  /// nil for a model that the format cannot express because its sums may leave 32 bits: no candidate.
  private func measurable(_ body: () throws -> HeldOutScore) throws -> HeldOutScore? {
    do {
      return try body()
    } catch is ModelFileError {
      return nil
    }
  }
}

extension ModelFile {
  /// The share of images of no class that the model was trained with, as its provenance says.
  fileprivate var trainedOutliers: Float {
    let augmentation = provenance["augmentation"].flatMap { try? Augmentation(parsing: $0) }
    return augmentation?.outliers ?? 0
  }
}

/// How good a model is on held-out images, by the runtime.
private struct HeldOutScore {
  /// Images whose likeliest class is their label.
  let right: Int
  /// Sum of the cross-entropies.
  let loss: Double

  init(_ model: ModelFile, _ heldOut: Dataset, threads: Int) throws {
    let probabilities = try Classifier(bytes: model.encoded(), threads: threads).predict(heldOut.images)
    let classes = model.labels.count
    var (right, loss) = (0, 0.0)
    for (image, label) in heldOut.labels.enumerated() {
      let own = probabilities[image * classes..<(image + 1) * classes]
      if own.firstIndex(of: own.max() ?? 0) == image * classes + label { right += 1 }
      loss -= log(Double(max(own[image * classes + label], .leastNormalMagnitude)))
    }
    (self.right, self.loss) = (right, loss)
  }

  func isBetter(than other: HeldOutScore) -> Bool { (right, -loss) > (other.right, -other.loss) }
}
