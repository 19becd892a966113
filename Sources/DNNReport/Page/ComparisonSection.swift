import DNNTrain

/// Several models side by side, and what every two of them differ in.
func comparisonSection(_ evaluations: [ModelEvaluation], _ images: Dataset) -> Markup {
  let names = names(of: evaluations)
  let rows = zip(names, evaluations).map { name, evaluation -> Markup in
    let metrics = evaluation.metrics
    let interval = metrics.accuracyInterval
    return """
      <tr><th scope="row">\(name)</th><td>\(percent(metrics.accuracy))</td>\
      <td>\(percent(interval.lowerBound)) to \(percent(interval.upperBound))</td><td>\(decimal(metrics.loss, 4))</td>\
      <td>\(percent(metrics.calibration.expectedError))</td><td>\(evaluation.bytes)</td><td>\(evaluation.parameters)</td>\
      <td>\(evaluation.multiplyAdds)</td><td>\(Int(evaluation.imagesPerSecond))</td></tr>

      """
  }
  let pairs = Comparison.pairs(evaluations.map(\.predictions))
  return """
    <h2>Comparison</h2>
    <div class="scroll"><table class="sortable">
    <thead><tr><th scope="col">model</th><th scope="col">accuracy</th>\
    <th scope="col">95 % interval</th><th scope="col">loss</th><th scope="col">calibration error</th>\
    <th scope="col">bytes</th><th scope="col">parameters</th><th scope="col">multiply-adds</th>\
    <th scope="col">images/s</th></tr></thead>
    <tbody>\(rows)</tbody></table></div>
    <h3>Accuracy with 95 % intervals</h3>
    <div class="scroll">\(intervalChart(names, evaluations))</div>
    <h3>Every two models</h3>
    <p>Different: images with different answers, rightly or not. McNemar’s exact test says how likely a difference at least as
    large is between equally good models; below 5 % it counts as more than chance.</p>
    \(pairTable(pairs, names))
    \(disagreements(names, evaluations.map(\.predictions), images))
    """
}

private func pairTable(_ pairs: [Comparison], _ names: [String]) -> Markup {
  let rows = pairs.map { pair -> Markup in
    """
    <tr><th scope="row">\(names[pair.first])</th><td class="text">\(names[pair.second])</td>\
    <td>\(pair.disagreements.count)</td><td>\(pair.test.onlyFirstRight)</td><td>\(pair.test.onlySecondRight)</td>\
    <td>\(pair.test.pValueText)</td><td>\(pair.isSignificant ? "more than chance" : "may be chance")</td></tr>

    """
  }
  return """
    <div class="scroll"><table class="sortable">
    <thead><tr><th scope="col">first</th><th scope="col" class="text">second</th><th scope="col">different</th>\
    <th scope="col">only first right</th><th scope="col">only second right</th><th scope="col">McNemar</th>\
    <th scope="col">difference</th></tr></thead>
    <tbody>\(rows)</tbody></table></div>
    """
}

/// A point and its interval a model, on an axis that holds all intervals.
private func intervalChart(_ names: [String], _ evaluations: [ModelEvaluation]) -> Markup {
  let intervals = evaluations.map(\.metrics.accuracyInterval)
  let low = intervals.map(\.lowerBound).min() ?? 0
  let high = max(intervals.map(\.upperBound).max() ?? 1, low + 1e-9)
  let shown = names.map(shortened)
  let (left, width) = (labelWidth(shown) + 20, 460.0)
  func x(_ share: Double) -> Double { left + width * (share - low) / (high - low) }
  let rows = evaluations.enumerated().map { index, evaluation -> Markup in
    let y = 20 + 32 * Double(index)
    let interval = evaluation.metrics.accuracyInterval
    return """
      <text x="\(left - 12)" y="\(y + 5)" text-anchor="end">\(shown[index])</text>\
      <path class="whisker" d="M\(x(interval.lowerBound)) \(y)H\(x(interval.upperBound))"/>\
      <circle class="right" cx="\(x(evaluation.metrics.accuracy))" cy="\(y)" r="5"/>

      """
  }
  let bottom = 20 + 32 * Double(evaluations.count)
  return """
    <svg viewBox="0 0 \(left + width + 30) \(bottom + 34)" width="\(left + width + 30)" height="\(bottom + 34)" role="img" \
    aria-label="Accuracy with intervals">
    \(rows)<path class="axis" d="M\(left) \(bottom)H\(left + width)"/>
    <text class="faint" x="\(left)" y="\(bottom + 20)" text-anchor="middle">\(percent(low))</text>
    <text class="faint" x="\(left + width)" y="\(bottom + 20)" text-anchor="middle">\(percent(high))</text>
    </svg>
    """
}

/// The files' own names, or their paths where names are the same.
private func names(of evaluations: [ModelEvaluation]) -> [String] {
  let names = evaluations.map { $0.file.split(separator: "/").last.map(String.init) ?? $0.file }
  return Set(names).count == names.count ? names : evaluations.map(\.file)
}

/// Images that the models do not all answer alike.
private func disagreements(_ names: [String], _ predictions: [Predictions], _ images: Dataset) -> Markup {
  let differing = images.labels.indices.filter { image in
    predictions.contains { $0.predicted[image] != predictions[0].predicted[image] }
  }
  if differing.isEmpty { return "<p>All models answer alike.</p>" }
  let labels = predictions[0].labels
  let items = differing.prefix(galleryLimit).map { image -> Markup in
    let truth = labels[images.labels[image]]
    let answers = zip(names, predictions).map { name, model -> Markup in
      let verdict = model.isRight(image: image) ? "right" : "wrong"
      return "<br/><span class=\"faint\">\(name): \(labels[model.predicted[image]]), \(verdict)</span>"
    }
    return "<li>\(picture(image, of: images, label: truth))<strong>\(truth)</strong>\(answers)</li>\n"
  }
  return """
    <h3>Where they disagree</h3>
    <p>\(differing.count) of \(images.count) images are not answered alike by all\(items.count < differing.count ? "; the first \(items.count) of them" : "").</p>
    <ul class="gallery">\(items)</ul>
    """
}
