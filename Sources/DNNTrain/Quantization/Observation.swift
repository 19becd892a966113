import DNNModel
import MNISTInfer

/// What the numbers of one scale were seen to be on calibration images.
struct Observation {
  /// The least and largest of all, and zero.
  let extremes: ClosedRange<Float>
  /// Some of the numbers, ascending.
  let samples: [Float]
  /// Sums of the first n samples, and of their squares, for n from none to all.
  private let sums: [(samples: Double, squares: Double)]

  init(extremes: ClosedRange<Float>, samples: [Float]) {
    self.extremes = min(extremes.lowerBound, 0)...max(extremes.upperBound, 0)
    self.samples = samples.sorted()
    sums = self.samples.reduce(into: [(0, 0)]) { sums, sample in
      let (last, value) = (sums[sums.count - 1], Double(sample))
      sums.append((last.samples + value, last.squares + value * value))
    }
  }

  /// The sum of the squares of what rounding changes the samples by.
  ///
  /// All samples that become the same number stand together, so their error (x - v)² needs only their count and the sums of
  /// x and x²: 256 searches in place of a look at every sample.
  func squaredError(_ quantization: Quantization) -> Double {
    var (total, start) = (0.0, 0)
    for number in 0...255 {
      let value = Double(quantization.scale) * Double(number - quantization.zeroPoint)
      let end = number == 255 ? samples.count : firstSample(above: value + Double(quantization.scale) / 2, from: start)
      let (sum, squares) = (sums[end].samples - sums[start].samples, sums[end].squares - sums[start].squares)
      total += squares - 2 * value * sum + Double(end - start) * value * value
      start = end
    }
    return total
  }

  private func firstSample(above bound: Double, from start: Int) -> Int {
    var (low, high) = (start, samples.count)
    while low < high {
      let middle = (low + high) / 2
      if Double(samples[middle]) > bound { high = middle } else { low = middle + 1 }
    }
    return low
  }
}

extension Simulation {
  /// Looks at values of the network on some images.
  ///
  /// - Parameters:
  ///   - owners: the scales' owners.
  ///   - graph: says which values have which owner's scale.
  ///   - images: what to run.
  ///   - key: decides which elements are samples.
  ///   - parallel: as many workers as the simulation has.
  /// - Returns: an observation for each owner.
  /// - Throws: `QuantizationError.notFinite`.
  func observe(
    _ owners: [Int], of graph: IntegerGraph, on images: Dataset, key: RandomKey, _ parallel: Parallel
  ) throws -> [Observation] {
    let values = owners.map { graph.computedValues(of: $0) }
    // By owner and image, so that nothing depends on which worker comes first.
    let parts = UnsafeMutableBufferPointer<Part>.allocate(capacity: owners.count * images.count)
    parts.initialize(repeating: Part())
    defer {
      parts.deinitialize()
      parts.deallocate()
    }
    parallel.forEachShard(of: images) { range, worker in
      run(range, of: images, worker: worker)
      for (place, image) in range.enumerated() {
        for (index, members) in values.enumerated() {
          for value in members {
            var generator = RandomGenerator(key.stream(value).stream(image))
            parts[index * images.count + image].add(
              elements(.value(value), ofImage: place, worker: worker), &generator)
          }
        }
      }
    }
    return try owners.enumerated().map { index, owner in
      let parts = parts[index * images.count..<(index + 1) * images.count]
      guard parts.allSatisfy(\.isFinite) else {
        throw QuantizationError.notFinite(layer: graph.model.layers[owner - 1].title(owner - 1))
      }
      let (lowest, highest) = parts.reduce((Float(0), Float(0))) { (min($0.0, $1.lowest), max($0.1, $1.highest)) }
      return Observation(extremes: lowest...highest, samples: parts.flatMap(\.samples))
    }
  }

  /// What was seen on one image.
  private struct Part {
    var (lowest, highest): (Float, Float) = (0, 0)
    var isFinite = true
    var samples: [Float] = []

    /// Samples of one value on one image: with the 1,024 images of a calibration 262,144, so that 26 lie above 99.99 %.
    private static let sampleCount = 256

    mutating func add(_ elements: [Float], _ generator: inout RandomGenerator) {
      for element in elements {
        lowest = min(lowest, element)
        highest = max(highest, element)
        isFinite = isFinite && element.isFinite
      }
      if elements.count <= Part.sampleCount {
        samples += elements
      } else {
        for _ in 0..<Part.sampleCount { samples.append(elements[generator.index(below: elements.count)]) }
      }
    }
  }
}

extension LayerDescription {
  /// What messages and tables call it.
  func title(_ index: Int) -> String { name.isEmpty ? "\(index)" : name }
}
