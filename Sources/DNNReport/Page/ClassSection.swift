import DNNModel

/// How each class fares: bars of its errors, and the figures.
func classSection(_ evaluation: ModelEvaluation) -> Markup {
  let metrics = evaluation.metrics
  let labels = evaluation.predictions.labels
  func cells(_ scores: Scores) -> Markup {
    """
    <td>\(decimal(scores.precision, 4))</td><td>\(decimal(scores.recall, 4))</td><td>\(decimal(scores.f1, 4))</td>\
    <td>\(scores.support)</td>
    """
  }
  let rows = zip(labels, metrics.classes).map { label, scores -> Markup in
    "<tr><th scope=\"row\">\(label)</th>\(cells(scores))</tr>\n"
  }
  return """
    <h3>Classes</h3>
    <p>Missed: images of the class that were taken for another. False alarms: images that were taken for the class and are not
    of it.</p>
    <div class="scroll">\(errorBars(labels, metrics))</div>
    <div class="scroll"><table class="sortable">
    <thead><tr><th scope="col">class</th><th scope="col">precision</th><th scope="col">recall</th><th scope="col">F1</th>\
    <th scope="col">images</th></tr></thead>
    <tbody>\(rows)</tbody>
    <tfoot><tr><th scope="row">mean of classes</th>\(cells(metrics.macro))</tr>
    <tr><th scope="row">weighted by images</th>\(cells(metrics.weighted))</tr></tfoot>
    </table></div>
    """
}

/// Two bars a class, from 0 to the largest. Errors, because bars of precision and recall all look alike near 1.
private func errorBars(_ labels: [String], _ metrics: Metrics) -> Markup {
  let answers = labels.indices.map { column in metrics.confusion.reduce(0) { $0 + $1[column] } }
  let missed = metrics.classes.map { $0.support == 0 ? nil : 1 - $0.recall }
  let falseAlarms = zip(metrics.classes, answers).map { $1 == 0 ? nil : 1 - $0.precision }
  let largest = max((missed + falseAlarms).reduce(0) { max($0, $1 ?? 0) }, 1e-9)
  let names = labels.map(shortened)
  let left = labelWidth(names) + 8
  let (full, rowHeight) = (400.0, 36.0)
  func bar(_ share: Double?, _ style: String, none: String, y: Double) -> Markup {
    let width = full * (share ?? 0) / largest
    return """
      <rect class="\(style)" x="\(left)" y="\(y)" width="\(width)" height="11"/>\
      <text x="\(left + width + 6)" y="\(y + 10)">\(share.map { percent($0) } ?? none)</text>

      """
  }
  let rows = labels.indices.map { index -> Markup in
    let y = 28 + Double(index) * rowHeight
    return """
      <text x="\(left - 8)" y="\(y + 17)" text-anchor="end">\(names[index])</text>
      \(bar(missed[index], "wrong", none: "no images", y: y))\
      \(bar(falseAlarms[index], "right", none: "never the answer", y: y + 13))
      """
  }
  let (width, height) = (left + full + 70, 28 + Double(labels.count) * rowHeight)
  return """
    <svg viewBox="0 0 \(width) \(height)" width="\(width)" height="\(height)" role="img" aria-label="Errors by class">
    <rect class="wrong" x="\(left)" y="4" width="11" height="11"/><text x="\(left + 17)" y="14">missed</text>
    <rect class="right" x="\(left + 90)" y="4" width="11" height="11"/><text x="\(left + 107)" y="14">false alarms</text>
    \(rows)</svg>
    """
}

/// At most 16 characters, which fit beside a chart.
func shortened(_ label: String) -> String { label.count <= 16 ? label : label.prefix(15) + "…" }

/// The width that labels take beside a chart, in its units: digits and letters are 8 wide on the average.
func labelWidth(_ labels: [String]) -> Double { 8 + 8 * Double(labels.map(\.count).max() ?? 0) }
