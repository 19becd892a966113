import DNNModel

/// How training went, epoch by epoch. Nothing for a model that does not say.
func historySection(_ history: [TrainingEpoch]) -> Markup {
  if history.isEmpty { return "" }
  let losses = [history.map { Double($0.trainingLoss) }, history.map { Double($0.heldOutLoss) }]
  let accuracies = [history.map { Double($0.trainingAccuracy) }, history.map { Double($0.heldOutAccuracy) }]
  let lossChart = LineChart(
    title: "Loss", series: series(losses), format: { shortDecimal($0) }, bounds: 0...(losses.joined().max() ?? 1))
  let accuracyChart = LineChart(
    title: "Accuracy", series: series(accuracies), format: { shortDecimal(100 * $0) + "\u{a0}%" },
    bounds: (accuracies.joined().min() ?? 0)...1)
  return """
    <h3>Training</h3>
    <p>Training figures are of the images as they were trained on, while the weights changed, with dropout, augmentation and
    label smoothing, if any: the loss can then be far above the held-out one; held-out figures are of images that were not trained on, after each epoch.</p>
    <div class="charts">\(lossChart.svg())\(accuracyChart.svg())</div>
    \(historyTable(history))
    """
}

private func series(_ values: [[Double]]) -> [LineChart.Series] {
  [
    LineChart.Series(name: "training", style: "training", values: values[0]),
    LineChart.Series(name: "held out", style: "heldout", values: values[1]),
  ]
}

/// The best epoch's row is marked: the one that `--best-epoch` would keep.
private func historyTable(_ history: [TrainingEpoch]) -> Markup {
  let best = history.indices.max { (history[$0].heldOutAccuracy, $1) < (history[$1].heldOutAccuracy, $0) }
  let shown = sampled(Array(history.indices), limit: LineChart.mostPoints)
  let rows = shown.map { index -> Markup in
    let epoch = history[index]
    return """
      <tr><th scope="row">\(index + 1)</th><td>\(decimal(Double(epoch.trainingLoss), 4))</td>\
      <td>\(percent(Double(epoch.trainingAccuracy)))</td><td>\(decimal(Double(epoch.heldOutLoss), 4))</td>\
      <td>\(percent(Double(epoch.heldOutAccuracy)))\(index == best ? " (best)" : "")</td>\
      <td>\(shortDecimal(Double(epoch.learningRate)))</td></tr>

      """
  }
  return """
    <details><summary>The numbers</summary><div class="scroll"><table>
    <thead><tr><th scope="col">epoch</th><th scope="col">training loss</th><th scope="col">training accuracy</th>\
    <th scope="col">held-out loss</th><th scope="col">held-out accuracy</th><th scope="col">learning rate</th></tr></thead>
    <tbody>\(rows)</tbody></table></div></details>
    """
}
