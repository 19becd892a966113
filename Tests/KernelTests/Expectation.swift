/// What an output has to be: a value and a bound of its error at some places, nothing new everywhere else.
struct Expectation {
  /// NaN where nothing may be written.
  private var values: [Double]
  private var bounds: [Double]

  init(_ output: Memory) {
    values = [Double](repeating: .nan, count: output.count)
    bounds = [Double](repeating: 0, count: output.count)
  }

  mutating func expect(_ value: Double, within bound: Double, at place: Int) {
    values[place] = value
    bounds[place] = bound
  }

  /// - Returns: the largest error as a fraction of its bound.
  func check(_ output: Memory) throws -> Double {
    var largest = 0.0
    for place in output.places {
      guard values.indices.contains(place), !values[place].isNaN else {
        if output.isBlank(place) { continue }
        throw Failure("output[\(place)] of \(output.count) was written, \(output[place])")
      }
      let error = abs(Double(output[place]) - values[place])
      // A NaN is in no order with anything.
      guard error <= bounds[place] else {
        throw Failure("output[\(place)] is \(output[place]), should be \(values[place]) within \(bounds[place])")
      }
      if error > 0 { largest = max(largest, error / bounds[place]) }
    }
    return largest
  }
}
