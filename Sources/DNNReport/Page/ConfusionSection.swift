import DNNModel

/// What is taken for what, with counts and the share of the true class's images.
func confusionSection(_ evaluation: ModelEvaluation) -> Markup {
  let metrics = evaluation.metrics
  let labels = evaluation.predictions.labels
  let largestError = metrics.frequentConfusions(1).first?.count ?? 0
  let titles = labels.map { label -> Markup in "<th scope=\"col\">\(label)</th>" }
  let rows = metrics.confusion.enumerated().map { row, counts -> Markup in
    let cells = counts.enumerated().map { column, count in
      let isRight = row == column
      return cell(count, of: metrics.classes[row].support, isRight: isRight, largestError: largestError)
    }
    return "<tr><th scope=\"row\">\(labels[row])</th>\(cells)</tr>\n"
  }
  return """
    <h3>Confusion matrix</h3>
    <p>A row for each true class, a column for each answer. The second number is the share of the row. Blue is right, orange is
    wrong, each the stronger the more.</p>
    <div class="scroll"><table class="confusion">
    <thead><tr><th scope="col">true</th>\(titles)</tr></thead>
    <tbody>\(rows)</tbody></table></div>
    \(frequentConfusions(evaluation))
    """
}

private func cell(_ count: Int, of total: Int, isRight: Bool, largestError: Int) -> Markup {
  if count == 0 { return "<td class=\"none\">0</td>" }
  let share = Double(count) / Double(total)
  // Errors are few beside right answers: they are told from each other by the most frequent one. At most half colour, or the
  // text would be hard to read.
  let strength = 8 + 42 * (isRight ? share : Double(count) / Double(largestError))
  return """
    <td style="--tone: var(--\(isRight ? "right" : "wrong")); --share: \(decimal(strength, 0))%">\(count) \
    <small>\(percent(share, share < 0.01 ? 2 : 1))</small></td>
    """
}

private func frequentConfusions(_ evaluation: ModelEvaluation) -> Markup {
  let labels = evaluation.predictions.labels
  let confusions = evaluation.metrics.frequentConfusions(5).map { confusion -> Markup in
    "<strong>\(labels[confusion.truth])</strong> for <strong>\(labels[confusion.predicted])</strong> (\(confusion.count))"
  }
  guard let first = confusions.first else { return "<p>Nothing is confused.</p>" }
  let others = confusions.dropFirst().map { confusion -> Markup in ", \(confusion)" }
  return "<p>Most often taken, one for the other: \(first)\(others).</p>"
}
