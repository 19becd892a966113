import DNNTrain

/// Pictures that the model has trouble with.
func gallerySections(_ evaluation: ModelEvaluation, _ images: Dataset) -> Markup {
  let predictions = evaluation.predictions
  return """
    <h3>Worst mistakes</h3>
    <p>Wrong answers that the model was surest of.</p>
    \(gallery(predictions.worstMistakes(galleryLimit), predictions, images, none: "There is no wrong answer."))
    <h3>Least certain right answers</h3>
    <p>Right answers with the lowest probability.</p>
    \(gallery(predictions.leastCertain(galleryLimit), predictions, images, none: "There is no right answer."))
    """
}

/// Pictures of one kind: three rows on a desktop.
let galleryLimit = 24

private func gallery(_ chosen: [Int], _ predictions: Predictions, _ images: Dataset, none: Markup) -> Markup {
  if chosen.isEmpty { return "<p>\(none)</p>" }
  let items = chosen.map { image -> Markup in
    let truth = predictions.labels[predictions.truth[image]]
    let answer = predictions.labels[predictions.predicted[image]]
    let verdict: Markup =
      predictions.isRight(image: image)
      ? "<strong>\(truth)</strong>" : "<strong>\(truth)</strong>, taken for <strong>\(answer)</strong>"
    return """
      <li>\(picture(image, of: images, label: truth))\(verdict)<br/>\
      <span class="faint">\(percent(Double(predictions.confidence(image: image)), 1)), no. \("\(image)")</span></li>

      """
  }
  return "<ul class=\"gallery\">\(items)</ul>"
}

/// An image of a data set, as it is.
func picture(_ image: Int, of images: Dataset, label: String) -> Markup {
  let shape = images.shape
  let pixels = Array(images.images[image * shape.count..<(image + 1) * shape.count])
  let address = pngAddress(pixels, width: shape.width, height: shape.height, channels: shape.channels)
  return "<img src=\"\(address)\" alt=\"image \("\(image)"), of class \(label)\"/>"
}

extension Predictions {
  /// Wrong answers, the surest first.
  public func worstMistakes(_ limit: Int) -> [Int] {
    let wrong = truth.indices.filter { !isRight(image: $0) }
    return Array(wrong.sorted { (-confidence(image: $0), $0) < (-confidence(image: $1), $1) }.prefix(limit))
  }

  /// Right answers, the least certain first.
  public func leastCertain(_ limit: Int) -> [Int] {
    let right = truth.indices.filter { isRight(image: $0) }
    return Array(right.sorted { (confidence(image: $0), $0) < (confidence(image: $1), $1) }.prefix(limit))
  }
}
