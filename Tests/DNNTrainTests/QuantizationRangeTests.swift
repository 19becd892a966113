import MNISTInfer
import TestSupport
import Testing

@testable import DNNTrain

/// Ranges, scales, and how sure accuracy is.
@Suite struct QuantizationRangeTests {
  /// Numbers with tails, as layers give them: products of uniform ones, half of them rectified.
  private func observation(seed: UInt64, count: Int) -> Observation {
    var random = Random(seed)
    let factors = (0..<4).map { _ in random.floats(count, 3) }
    let samples = (0..<count).map { index in
      let product = factors.reduce(1) { $0 * $1[index] }
      return seed.isMultiple(of: 2) ? product : max(product, 0)
    }
    return Observation(extremes: (samples.min() ?? 0)...(samples.max() ?? 0), samples: samples)
  }

  private func error(_ quantization: Quantization, _ samples: [Float]) -> Double {
    samples.reduce(0) { sum, sample in
      let number = (Double(sample) / Double(quantization.scale)).rounded() + Double(quantization.zeroPoint)
      let value = (min(max(number, 0), 255) - Double(quantization.zeroPoint)) * Double(quantization.scale)
      return sum + (value - Double(sample)) * (value - Double(sample))
    }
  }

  @Test("the error told from running sums is that of every sample")
  func squaredError() {
    for seed in 0..<20 {
      let observation = observation(seed: UInt64(seed), count: 3001)
      for method in RangeMethod.all {
        let quantization = method.quantization(of: observation, leastScale: 1e-9)
        let expected = error(quantization, observation.samples)
        #expect(abs(observation.squaredError(quantization) - expected) <= 1e-9 * expected, "seed \(seed), \(method)")
      }
    }
  }

  @Test("the range of least squared error has no larger one than any other")
  func leastSquares() {
    for seed in 0..<20 {
      let observation = observation(seed: UInt64(seed), count: 3001)
      let quantizations = RangeMethod.all.map { $0.quantization(of: observation, leastScale: 1e-9) }
      let errors = quantizations.map { error($0, observation.samples) }
      #expect(errors[3] <= errors[0] * (1 + 1e-9) && errors[3] <= errors[2], "seed \(seed): \(errors)")
    }
  }

  /// Steps of 5 / 255 cost 200,000 (5 / 255)² / 12 = 6.4. Up to 3 they are finer and cost 4.1, and the one sample 1.
  @Test func oneFarSample() {
    var random = Random(1)
    let observation = Observation(extremes: -1...4, samples: random.floats(200_000, 1) + [4])
    let quantization = RangeMethod.leastSquaredError.quantization(of: observation, leastScale: 1e-9)
    #expect((2.4...3.4).contains(quantization.bounds.upperBound), "\(quantization)")
    #expect(abs(quantization.bounds.lowerBound + 1) < 0.1, "\(quantization)")
  }

  @Test func extremes() {
    let observation = Observation(extremes: -1...3, samples: [-1, 0, 3])
    let quantization = RangeMethod.extremes.quantization(of: observation, leastScale: 1e-9)
    #expect(quantization == Quantization(scale: Float(4) / 255, zeroPoint: 64))
  }

  @Test("percentiles clip the share that they say, on both sides")
  func percentiles() {
    let samples = (-20_000...80_000).map { Float($0) }
    let observation = Observation(extremes: -20_000...80_000, samples: samples)
    for (share, outside) in [(99.99, 10), (99.9, 100)] {
      let quantization = RangeMethod.percentile(share).quantization(of: observation, leastScale: 1e-9)
      let width = Float(100_000 - 2 * outside)
      #expect(abs(quantization.scale * 255 - width) < 2, "\(share) %: \(quantization)")
      #expect(quantization.zeroPoint == 51)
    }
  }

  @Test("where almost all numbers are zero, a percentile is no range")
  func emptyPercentile() {
    let samples = [Float](repeating: 0, count: 100_000) + [5]
    let observation = Observation(extremes: 0...5, samples: samples)
    for method in RangeMethod.all {
      let quantization = method.quantization(of: observation, leastScale: 1e-9)
      #expect(quantization.bounds.upperBound >= 5.0 / 64, "\(method)")
    }
  }

  @Test func noNumbersButZero() {
    for method in RangeMethod.all {
      let observation = Observation(extremes: 0...0, samples: [0, 0, 0])
      let quantization = method.quantization(of: observation, leastScale: 0.25)
      #expect(quantization == Quantization(scale: 0.25, zeroPoint: 0), "\(method)")
    }
  }

  /// With 6,000 weights to round, clipping the largest by 6,000 / 12 / 127² = 3 % is best.
  @Test("scales of least squared error are no worse than those of the largest weight, in any column")
  func weightScales() {
    for seed in 0..<10 {
      var random = Random(UInt64(seed))
      let columns = random.int(1...7)
      let (first, second) = (random.floats(columns * 6000, 1), random.floats(columns * 6000, 1))
      let weights = zip(first, second).map { $0 * $1 * $1 * $1 }
      let least = [Float](repeating: 1e-9, count: columns)
      let (largest, squares) = (
        WeightScaling.largest.scales(weights, leastScales: least),
        WeightScaling.leastSquaredError.scales(weights, leastScales: least)
      )
      let errors = zip(squaredErrors(weights, largest), squaredErrors(weights, squares))
      #expect(errors.allSatisfy { $0.1 <= $0.0 }, "seed \(seed)")
      #expect(errors.contains { $0.1 < $0.0 }, "seed \(seed)")
      for column in 0..<columns {
        let greatest = stride(from: column, to: weights.count, by: columns).reduce(0) { max($0, abs(weights[$1])) }
        #expect(largest[column] == greatest / 127, "seed \(seed), column \(column)")
      }
    }
  }

  @Test("weights are rounded to the nearest number and end at 127")
  func roundedWeights() {
    #expect(
      [-300, -2.6, -0.4, 0, 1.5, 2.5, 126.6, 900].map { roundedWeight($0, 1) } == [-127, -3, 0, 0, 2, 2, 127, 127])
  }

  @Test("accuracies and their difference, computed by hand")
  func accuracy() {
    // Of 100 images both get 90 right, the first alone 4, the second alone 1, neither 5.
    let labels = [Int](repeating: 1, count: 100)
    func classes(_ right: Set<Int>) -> [Int] { (0..<100).map { right.contains($0) ? 1 : 0 } }
    let comparison = AccuracyComparison(
      before: classes(Set(0..<94)), after: classes(Set(0..<90).union([94])), labels: labels)
    #expect(comparison.count == 100 && comparison.lost == 4 && comparison.gained == 1)
    #expect(comparison.before.value == 0.94 && comparison.after.value == 0.91)
    // Wilson's interval: (0.94 + 0.0192073 ± 1.959964 * sqrt(0.000564 + 0.0000960)) / 1.0384146.
    #expect(abs(comparison.before.interval[0] - 0.87516) < 1e-4 && abs(comparison.before.interval[1] - 0.97222) < 1e-4)
    // 1.96 * sqrt(5 - 9 / 100) / 100.
    #expect(abs(comparison.difference.value + 0.03) < 1e-12)
    #expect(abs(comparison.difference.halfWidth - 0.043430) < 1e-6)
  }
}
