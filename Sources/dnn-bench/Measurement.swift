import DNNModel
import FoundationEssentials
import MNISTInfer

/// Everything that dnn-bench measures of one model.
struct Measurement: Encodable {
  let file: String
  let instructionSet: String
  let threads: Int
  /// "float32", or "int8" for a model that is computed in integers.
  let arithmetic: String
  /// Multiply-adds times two, in 10^9 a second: of one core, in the widest tile from its first cache.
  let peakGops: Double
  let chunk: Int
  let arenaBytes: Int
  let latency: Latency
  let throughput: [Throughput]
  let layers: [Layer]

  /// One picture a call, in microseconds.
  struct Latency: Encodable {
    let median: Double
    let p99: Double
    let minimum: Double
    /// The lowest and highest median of the repeats.
    let medians: [Double]
  }

  /// A batch a call, in pictures a second.
  struct Throughput: Encodable {
    let batch: Int
    let median: Double
    /// The lowest and highest of the repeats.
    let range: [Double]
  }

  /// One layer, one thread, a chunk of pictures at a time.
  struct Layer: Encodable {
    let name: String
    let kind: String
    let method: String
    /// For one picture.
    let microseconds: Double
    /// By the multiply-adds of the layer's definition; a method that needs fewer can pass the peak.
    let gops: Double
    let shareOfPeak: Double
  }

  init(path: String, threads: Int, batches: [Int]) throws {
    let classifier = try Classifier(path: path, threads: threads)
    let pictures = Measurement.pictures(count: max(512, 2 * (batches.max() ?? 0)), size: classifier.input.count)
    file = path
    instructionSet = classifier.kernelName
    self.threads = threads
    arithmetic = classifier.isInteger ? "int8" : "float32"
    peakGops = try (classifier.isInteger ? peakIntegerOperations() : peakFlops()) / 1e9
    chunk = classifier.chunkSize
    arenaBytes = classifier.arenaBytes
    latency = try Measurement.latency(classifier, pictures)
    throughput = try batches.map { try Measurement.throughput(classifier, pictures, batch: $0) }
    let bytes = try readFile(path)
    layers = try Measurement.layers(ModelSummary(bytes: bytes), classifier, pictures, peakGops: peakGops)
  }

  private static let repeats = 5

  /// Different pictures, because a processor learns the branches of a single one: noise on black, from a fixed seed.
  private static func pictures(count: Int, size: Int) -> [UInt8] {
    var state: UInt32 = 1
    return (0..<(count * size)).map { _ in
      state = state &* 1_664_525 &+ 1_013_904_223
      return state >> 24 > 150 ? UInt8(truncatingIfNeeded: state >> 16) : 0
    }
  }

  private static func latency(_ classifier: Classifier, _ pictures: [UInt8]) throws -> Latency {
    let size = classifier.input.count
    let singles = (0..<512).map { Array(pictures[($0 * size)..<(($0 + 1) * size)]) }
    for single in singles { _ = try classifier.predict(single) }  // warm up
    var all: [Double] = []
    var medians: [Double] = []
    for _ in 0..<repeats {
      var times = try (0..<2000).map { index in
        try time { _ = try classifier.predict(singles[index % singles.count]) }
      }
      all += times
      times.sort()
      medians.append(times[times.count / 2] * 1e6)
    }
    all.sort()
    return Latency(
      median: medians.sorted()[repeats / 2], p99: all[all.count * 99 / 100] * 1e6, minimum: all[0] * 1e6,
      medians: [medians.min() ?? 0, medians.max() ?? 0])
  }

  private static func throughput(_ classifier: Classifier, _ pictures: [UInt8], batch: Int) throws -> Throughput {
    let size = batch * classifier.input.count
    let batches = [Array(pictures[0..<size]), Array(pictures[size..<(2 * size)])]
    var rates: [Double] = []
    for _ in 0...repeats {
      var (count, seconds) = (0, 0.0)
      while seconds < 0.2 {
        seconds += try time { _ = try classifier.predict(batches[count % 2]) }
        count += 1
      }
      rates.append(Double(count * batch) / seconds)
    }
    let measured = rates.dropFirst().sorted()  // the first was to warm up
    return Throughput(batch: batch, median: measured[repeats / 2], range: [measured[0], measured[repeats - 1]])
  }

  private static func layers(
    _ summary: ModelSummary, _ classifier: Classifier, _ pictures: [UInt8], peakGops: Double
  ) -> [Layer] {
    let profile = classifier.profile(pictures, repetitions: 500)
    let count = Double(classifier.chunkSize)
    return zip(summary.layers, profile).enumerated().map { index, pair in
      let (layer, measured) = pair
      let nanoseconds = measured.nanoseconds / count
      let gops = 2 * Double(layer.multiplyAdds) / nanoseconds
      return Layer(
        name: layer.name.isEmpty ? "\(index)" : layer.name, kind: layer.kind, method: measured.method,
        microseconds: nanoseconds / 1000, gops: gops, shareOfPeak: gops / peakGops)
    }
  }

  private static func time(_ body: () throws -> Void) rethrows -> Double {
    let start = ContinuousClock.now
    try body()
    return (ContinuousClock.now - start) / .seconds(1)
  }

  func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
    return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
  }
}
