import DNNModel
import Glibc

/// Values by epoch as lines, each with a name, a colour and dashes of its own.
struct LineChart {
  /// One line.
  struct Series {
    /// For the legend.
    let name: String
    /// A class of the page's style.
    let style: String
    /// Finite; one an epoch.
    let values: [Double]
  }

  /// What the values are.
  let title: String
  /// At least one, all of the same length, which is at least 1.
  let series: [Series]
  /// How a value is written at the axis.
  let format: (Double) -> String
  /// The axis ends here if no value is beyond; it holds all values.
  let bounds: ClosedRange<Double>

  private var left: Double { 62 }
  private var top: Double { 40 }
  private var width: Double { 360 }
  private var height: Double { 200 }

  /// Nothing is gained by more points than pixels.
  static let mostPoints = 360

  func svg() -> Markup {
    let ticks = axisTicks(bounds.lowerBound, bounds.upperBound)
    let (low, high) = (ticks[0], ticks[ticks.count - 1])
    func y(_ value: Double) -> Double { top + height * (high - value) / (high - low) }
    let grid = ticks.map { tick -> Markup in
      """
      <path class="line" d="M\(left) \(y(tick))H\(left + width)"/>\
      <text class="faint" x="\(left - 8)" y="\(y(tick) + 4)" text-anchor="end">\(format(tick))</text>

      """
    }
    let lines = series.map { line($0, y) }
    let names = series.enumerated().map { index, series -> Markup in
      let x = left + 120 * Double(index)
      return """
        <path class="curve \(series.style)" d="M\(x) 26H\(x + 24)"/><text x="\(x + 30)" y="30">\(series.name)</text>
        """
    }
    return """
      <svg viewBox="0 0 440.0 290.0" width="440" height="290" role="img" aria-label="\(title) by epoch">
      <text x="\(left)" y="12">\(title)</text>\(names)
      \(grid)\(epochTicks())\(lines)
      <text x="\(left + width / 2)" y="\(top + height + 42)" text-anchor="middle">epoch</text>
      </svg>
      """
  }

  private var epochs: Int { series[0].values.count }

  private func x(_ epoch: Int) -> Double {
    epochs == 1 ? left + width / 2 : left + width * Double(epoch - 1) / Double(epochs - 1)
  }

  private func line(_ series: Series, _ y: (Double) -> Double) -> Markup {
    let shown = sampled(Array(1...epochs), limit: LineChart.mostPoints)
    let points = shown.map { (x($0), y(series.values[$0 - 1])) }
    let path = points.map { "\(decimal($0.0, 1)) \(decimal($0.1, 1))" }.joined(separator: "L")
    // A point can be told from its neighbours only where there are few.
    let dots =
      epochs > 40
      ? []
      : zip(shown, points).map { epoch, point -> Markup in
        """
        <circle class="dot \(series.style)" cx="\(point.0)" cy="\(point.1)" r="3"><title>epoch \(epoch), \(series.name): \
        \(format(series.values[epoch - 1]))</title></circle>

        """
      }
    return "<path class=\"curve \(series.style)\" d=\"M\(path)\"/>\(dots)\n"
  }

  private func epochTicks() -> [Markup] {
    let step = max(Int(axisStep(Double(epochs) / 6)), 1)
    return ([1] + stride(from: step, through: epochs, by: step).filter { $0 > 1 }).map { epoch in
      """
      <text class="faint" x="\(x(epoch))" y="\(top + height + 20)" text-anchor="middle">\(epoch)</text>

      """
    }
  }
}

/// About five round numbers, the first at most `low` and the last at least `high`, which is not below it.
func axisTicks(_ low: Double, _ high: Double) -> [Double] {
  let step = axisStep(max((high - low) / 4, 1e-6))
  let (first, last) = ((low / step).rounded(.down), max((high / step).rounded(.up), (low / step).rounded(.down) + 1))
  return stride(from: first, through: last, by: 1).map { $0 * step }
}

/// The least of 1, 2 and 5 times a power of ten that is at least `step`, which is above 0.
func axisStep(_ step: Double) -> Double {
  let power = pow(10, log10(step).rounded(.down))
  return [1, 2, 5, 10].map { $0 * power }.first { $0 >= step * (1 - 1e-9) } ?? 10 * power
}

/// At most about `limit` of some values, evenly spread, the last among them.
func sampled<Value>(_ values: [Value], limit: Int) -> [Value] {
  let step = (values.count + limit - 1) / limit
  return step <= 1 ? values : values.indices.filter { $0 % step == (values.count - 1) % step }.map { values[$0] }
}
