/// Hyper-parameters and the values that each can take.
package struct SearchSpace: Sendable {
  /// In the order of the command line.
  package let parameters: [(name: String, range: SearchRange)]

  package init(_ parameters: [(name: String, range: SearchRange)]) { self.parameters = parameters }

  /// Draws different combinations at random (Bergstra, Bengio: Random search for hyper-parameter optimization, 2012).
  ///
  /// - Parameters:
  ///   - count: how many.
  ///   - seed: which.
  /// - Returns: for each, a value for each parameter; fewer than asked where there are no more.
  package func draw(_ count: Int, seed: UInt64) -> [[String]] {
    var (drawn, known): ([[String]], Set<[String]>) = ([], [])
    let key = RandomKey(seed: seed)
    // So many attempts miss one of `count` equally likely combinations with a probability below e^-100 each.
    for attempt in 0..<100 * count where drawn.count < count {
      var generator = RandomGenerator(key.stream(attempt))
      let values = parameters.map { $0.range.draw(&generator) }
      if known.insert(values).inserted { drawn.append(values) }
    }
    return drawn
  }
}
