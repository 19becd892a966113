import DNNTrain

/// Whether the model is right as often as it says.
func calibrationSection(_ metrics: Metrics) -> Markup {
  let rows = metrics.calibration.bins.enumerated().filter { $0.element.count > 0 }.map { index, bin -> Markup in
    let count = Double(metrics.calibration.bins.count)
    return """
      <tr><th scope="row">\(percent(Double(index) / count, 1)) to \(percent(Double(index + 1) / count, 1))</th>\
      <td>\(bin.count)</td><td>\(percent(bin.confidence))</td><td>\(percent(bin.accuracy))</td></tr>

      """
  }
  return """
    <h3>Reliability</h3>
    <p>Answers sorted by the probability that the model gave them, with the share that is right and its 95 % interval. On the
    line, the model is right as often as it says. The mean distance from it is \
    \(percent(metrics.calibration.expectedError)) (expected calibration error, \(metrics.calibration.bins.count) bins).</p>
    \(reliabilityDiagram(metrics.calibration))
    <details><summary>The numbers</summary><div class="scroll"><table>
    <thead><tr><th scope="col">probability</th><th scope="col">answers</th><th scope="col">mean probability</th>\
    <th scope="col">right</th></tr></thead>
    <tbody>\(rows)</tbody></table></div></details>
    """
}

private func reliabilityDiagram(_ calibration: Calibration) -> Markup {
  let (left, top, side) = (76.0, 12.0, 320.0)
  func x(_ share: Double) -> Double { left + side * share }
  func y(_ share: Double) -> Double { top + side * (1 - share) }
  let ticks = [0, 0.25, 0.5, 0.75, 1].map { share -> Markup in
    """
    <path class="line" d="M\(x(0)) \(y(share))H\(x(1))M\(x(share)) \(y(0))V\(y(1))"/>\
    <text class="faint" x="\(left - 8)" y="\(y(share) + 4)" text-anchor="end">\(percent(share, 0))</text>\
    <text class="faint" x="\(x(share))" y="\(y(0) + 20)" text-anchor="middle">\(percent(share, 0))</text>

    """
  }
  let points = calibration.bins.filter { $0.count > 0 }.map { bin -> Markup in
    let right = Int((bin.accuracy * Double(bin.count)).rounded())
    let interval = wilsonInterval(successes: right, of: bin.count)
    return """
      <path class="whisker" d="M\(x(bin.confidence)) \(y(interval.lowerBound))V\(y(interval.upperBound))"/>\
      <circle class="right" cx="\(x(bin.confidence))" cy="\(y(bin.accuracy))" r="5">\
      <title>\(bin.count) answers, \(percent(bin.confidence)) sure, \(percent(bin.accuracy)) right</title></circle>

      """
  }
  return """
    <svg viewBox="0 0 420.0 390.0" width="420" height="390" role="img" aria-label="Reliability diagram">
    \(ticks)<path class="axis" stroke-dasharray="5 4" d="M\(x(0)) \(y(0))L\(x(1)) \(y(1))"/>
    \(points)<text x="\(x(0.5))" y="\(y(0) + 44)" text-anchor="middle">probability given to the answer</text>
    <text transform="translate(14 \(y(0.5))) rotate(-90)" text-anchor="middle">answers that are right</text>
    </svg>
    """
}
