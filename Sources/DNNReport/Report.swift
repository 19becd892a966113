import DNNModel

/// Models on images, as a page for people: one file that needs nothing else, with or without scripts, on a screen or on paper.
public struct Report {
  private let evaluations: [ModelEvaluation]
  private let data: EvaluationData
  private let command: [String]
  private let stage: Stage

  /// Where the training of the model stands.
  public enum Stage: Equatable, Sendable {
    /// Complete, as far as this page is concerned.
    case done
    /// After `epoch` of `total` epochs; the page shows itself anew from time to time.
    case training(epoch: Int, total: Int)
    /// It will not go on by itself.
    case stopped(epoch: Int, total: Int)
  }

  /// A report of at least one model.
  ///
  /// - Parameters:
  ///   - evaluations: the models, all on the same images.
  ///   - data: those images.
  ///   - command: the words of the command line that the report was made by.
  ///   - stage: of the training.
  public init(_ evaluations: [ModelEvaluation], on data: EvaluationData, command: [String], stage: Stage = .done) {
    precondition(!evaluations.isEmpty)
    self.evaluations = evaluations
    self.data = data
    self.command = command
    self.stage = stage
  }

  private var reloadSeconds: Int {
    if case .training = stage { 10 } else { 0 }
  }

  private var stageNote: Markup {
    switch stage {
    case .done: ""
    case .training(let epoch, let total):
      "<p><strong>Epoch \(epoch) of \(total).</strong> While training goes on, this page shows itself anew.</p>\n"
    case .stopped(let epoch, let total): "<p><strong>Training stopped after epoch \(epoch) of \(total).</strong></p>\n"
    }
  }

  /// The complete file.
  public func html() -> String {
    let title =
      evaluations.count == 1 ? "\(evaluations[0].file) on \(data.name)" : "\(evaluations.count) models on \(data.name)"
    let comparison = evaluations.count == 1 ? "" : comparisonSection(evaluations, data.images)
    return page(
      title: title, reloadSeconds: reloadSeconds,
      """
      <h1>\(title)</h1>
      <p class="faint">\(data.images.count) \(data.part), classified by the runtime \(Classifier.libraryVersion) with
      \(Classifier.instructionSet). Made by <code>\(shellCommand(command))</code></p>
      \(stageNote)\(comparison)
      \(evaluations.map(sections))
      """)
  }

  private func sections(of evaluation: ModelEvaluation) -> Markup {
    """
    <h2>\(evaluations.count == 1 ? "How good it is" : evaluation.file)</h2>
    \(figures(evaluation))
    \(historySection(evaluation.model.history))
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
    // Of two classes, both are.
    let amongTwo: Markup =
      metrics.classes.count > 2
      ? "<div><dt>among the likeliest two</dt><dd>\(percent(metrics.top2Accuracy))</dd></div>\n" : ""
    return """
      <dl class="figures">
      <div><dt>accuracy</dt><dd>\(percent(metrics.accuracy))<small>95 % interval \(percent(interval.lowerBound)) to \
      \(percent(interval.upperBound)) (Wilson)</small></dd></div>
      <div><dt>wrong</dt><dd>\(metrics.count - metrics.correct)<small>of \(metrics.count) images</small></dd></div>
      \(amongTwo)<div><dt>loss</dt><dd>\(decimal(metrics.loss, 4))<small>mean negative log likelihood</small></dd></div>
      <div><dt>calibration error</dt><dd>\(percent(metrics.calibration.expectedError))</dd></div>
      <div><dt>speed</dt><dd>\(Int(evaluation.imagesPerSecond))<small>images/s</small></dd></div>
      </dl>
      """
  }
}
