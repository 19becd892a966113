import DNNModel

/// Models on images, as a page for people: one file that needs nothing else, with or without scripts, on a screen or on paper.
public struct Report {
  private let evaluations: [ModelEvaluation]
  private let data: EvaluationData
  private let command: String

  /// A report of at least one model.
  ///
  /// - Parameters:
  ///   - evaluations: the models, all on the same images.
  ///   - data: those images.
  ///   - command: how the report was made.
  public init(_ evaluations: [ModelEvaluation], on data: EvaluationData, command: String) {
    precondition(!evaluations.isEmpty)
    self.evaluations = evaluations
    self.data = data
    self.command = command
  }

  /// The complete file.
  public func html() -> String {
    let title =
      evaluations.count == 1 ? "\(evaluations[0].file) on \(data.name)" : "\(evaluations.count) models on \(data.name)"
    let comparison = evaluations.count == 1 ? "" : comparisonSection(evaluations, data.images)
    return page(
      title: title,
      """
      <h1>\(title)</h1>
      <p class="faint">\(data.images.count) \(data.part), classified by the runtime \(Classifier.libraryVersion) with
      \(Classifier.instructionSet). Made by <code>\(command)</code></p>
      \(comparison)
      \(evaluations.map(sections))
      """)
  }

  private func sections(of evaluation: ModelEvaluation) -> Markup {
    """
    <h2>\(evaluations.count == 1 ? "How good it is" : evaluation.file)</h2>
    \(figures(evaluation))
    \(confusionSection(evaluation))
    \(classSection(evaluation))
    \(gallerySections(evaluation, data.images))
    \(calibrationSection(evaluation.metrics))
    \(networkSection(evaluation))
    \(provenanceSection(evaluation))
    """
  }

  private func figures(_ evaluation: ModelEvaluation) -> Markup {
    let metrics = evaluation.metrics
    let interval = metrics.accuracyInterval
    return """
      <dl class="figures">
      <div><dt>accuracy</dt><dd>\(percent(metrics.accuracy))<small>95 % interval \(percent(interval.lowerBound)) to \
      \(percent(interval.upperBound)) (Wilson)</small></dd></div>
      <div><dt>wrong</dt><dd>\(metrics.count - metrics.correct)<small>of \(metrics.count) images</small></dd></div>
      <div><dt>among the likeliest two</dt><dd>\(percent(metrics.top2Accuracy))</dd></div>
      <div><dt>loss</dt><dd>\(decimal(metrics.loss, 4))<small>mean negative log likelihood</small></dd></div>
      <div><dt>calibration error</dt><dd>\(percent(metrics.calibration.expectedError))</dd></div>
      <div><dt>speed</dt><dd>\(Int(evaluation.imagesPerSecond))<small>images/s</small></dd></div>
      </dl>
      """
  }
}
