import DNNCluster
import Dispatch
import MNISTInfer
import Synchronization

/// Adds up the gradients of all ranks' shards, and tells all ranks what came of each shard, while the backward pass is still
/// under way.
///
/// A layer's gradients can go as soon as the last of this rank's shards has passed the layer on its way back. Layers that follow
/// each other go together, in buckets large enough that a message's latency counts for little. Each rank adds what it can of the
/// tree by itself; of a bucket each rank owns a slice, of which it receives all others' subtrees, adds them along the tree and
/// gives all ranks the sum. So a rank sends 2 (P - 1) / P of the parameters' bytes if its shards are one subtree, the least that
/// any algorithm needs (Patarasuk, Yuan: Bandwidth optimal all-reduce algorithms for clusters of workstations, 2009), for any
/// number of ranks P.
///
/// `begin`, `finish` and the properties belong to the trainer's calling thread, `finished…` to its workers. Messages have a thread
/// of their own, which MPI is called by meanwhile, and nobody else.
final class GradientExchange: @unchecked Sendable {
  /// How long `finish` has waited altogether: the time of the exchange that no computation hides.
  private(set) var waitingTime = Duration.zero
  /// Whether the root asked to stop before the last step.
  private(set) var isStopAsked = false

  private let ranks: Communicator
  private let parallel: Parallel
  private let buckets: [Bucket]
  /// Floats of all parameters.
  private let stride: Int
  private let gradients: UnsafeMutablePointer<Float>
  private let outcomes: UnsafeMutablePointer<TrainingOutcomes>
  private let received: Buffer<Float>
  private let stopFlag: Buffer<Bool>
  private let queue = DispatchQueue(label: "gradient exchange")
  private let exchange = DispatchGroup()
  /// Counts what can go: the outcomes, then bucket after bucket.
  private let ready = DispatchSemaphore(value: 0)
  private let isComputing = Atomic(false)
  /// DNN_OVERLAP=0 lets messages wait for the end of the backward pass, to show what the overlap gains.
  private let overlaps = environmentVariable("DNN_OVERLAP") != "0"
  /// By layer, the shards that passed it; last those whose outcomes are there.
  private let passed: Synchronization.Mutex<[Int]>
  private var tree = SumTree(shardCount: 1)

  /// Layers whose gradients go together.
  private struct Bucket {
    /// The layer that is passed last.
    let lowestLayer: Int
    /// Floats among all parameters.
    let range: Range<Int>
    /// By rank: the part that it owns.
    let slices: [Range<Int>]
    let portions: Portions

    /// Floats at least, of two layers or more: 128 KiB, which take some three latencies over Ethernet of 10 Gbit/s.
    static let targetSize = 32_768

    init(lowestLayer: Int, range: Range<Int>, rankCount: Int) {
      (self.lowestLayer, self.range) = (lowestLayer, range)
      let unit = Vector.scalarCount
      let count = range.count / unit
      slices = (0..<rankCount).map { rank in
        let share = Communicator.share(of: count, rank: rank, rankCount: rankCount)
        return range.lowerBound + share.lowerBound * unit..<range.lowerBound + share.upperBound * unit
      }
      portions = Portions(byteCounts: slices.map { $0.count * MemoryLayout<Float>.stride })
    }
  }

  /// - Parameters:
  ///   - ranks: more than one.
  ///   - network: of the trainer.
  ///   - parallel: its threads.
  ///   - gradients: by shard of this rank, the gradient of all parameters.
  ///   - outcomes: by shard of the batch.
  ///   - shardCount: at most, of a batch.
  /// - Throws: `Failure` if memory runs out.
  init(
    _ ranks: Communicator, _ network: TrainableNetwork, _ parallel: Parallel, gradients: UnsafeMutablePointer<Float>,
    outcomes: UnsafeMutablePointer<TrainingOutcomes>, shardCount: Int
  ) throws {
    (self.ranks, self.parallel, self.gradients, self.outcomes) = (ranks, parallel, gradients, outcomes)
    stride = network.parameterCount
    buckets = GradientExchange.buckets(of: network, rankCount: ranks.rankCount)
    let longest = buckets.map { $0.slices[ranks.rank].count }.max() ?? 0
    received = try Buffer(count: shardCount * longest)
    stopFlag = try Buffer(count: 1)
    passed = Synchronization.Mutex(Array(repeating: 0, count: network.layers.count + 1))
  }

  /// From the last layer to the first, without those that do not learn.
  private static func buckets(of network: TrainableNetwork, rankCount: Int) -> [Bucket] {
    var buckets: [Bucket] = []
    for layer in network.layers.indices.reversed() where !network.isFrozen[layer] {
      let start = network.parameterOffsets[layer]
      var range = start..<start + network.layers[layer].parameters.reduce(0) { $0 + $1.size }
      if range.isEmpty { continue }
      if let last = buckets.last, last.range.lowerBound == range.upperBound, last.range.count < Bucket.targetSize {
        buckets.removeLast()
        range = range.lowerBound..<last.range.upperBound
      }
      buckets.append(Bucket(lowestLayer: layer, range: range, rankCount: rankCount))
    }
    return buckets
  }

  /// The shards of the batch that this rank takes.
  var shards: Range<Int> { ranks.share(of: tree.shardCount) }

  private func shards(ofRank rank: Int) -> Range<Int> {
    Communicator.share(of: tree.shardCount, rank: rank, rankCount: ranks.rankCount)
  }

  // MARK: - A step

  /// Begins the exchange of a batch.
  ///
  /// - Parameters:
  ///   - shardCount: of the batch.
  ///   - stops: whether this rank is asked to stop; the root's answer counts.
  func begin(shardCount: Int, stops: Bool) {
    tree = SumTree(shardCount: shardCount)
    stopFlag[0] = stops
    passed.withLock { for index in $0.indices { $0[index] = 0 } }
    isComputing.store(true, ordering: .relaxed)
    // A rank without shards has all of nothing.
    if shards.isEmpty { for _ in 0...buckets.count { ready.signal() } }
    if overlaps { sendOff() }
  }

  private func sendOff() { queue.async(group: exchange) { self.run() } }

  /// A shard's outcome is there.
  func finishedOutcome() { count(passed.withLock { $0.count - 1 }) }

  /// A shard has passed a layer on its way back.
  func finishedLayer(_ layer: Int) {
    if buckets.contains(where: { $0.lowestLayer == layer }) { count(layer) }
  }

  /// Shards pass outcomes and buckets in one order, so the last ones do, too.
  private func count(_ index: Int) {
    let count = passed.withLock { passed in
      passed[index] += 1
      return passed[index]
    }
    if count == shards.count { ready.signal() }
  }

  /// Waits until the batch's gradient stands in the first shard's place, and all outcomes in theirs.
  func finish() {
    let start = ContinuousClock.now
    isComputing.store(false, ordering: .relaxed)
    if !overlaps { sendOff() }
    exchange.wait()
    isStopAsked = stopFlag[0]
    waitingTime += ContinuousClock.now - start
  }

  // MARK: - The messages' thread

  private func run() {
    ready.wait()
    exchangeOutcomes()
    for bucket in buckets {
      ready.wait()
      add(bucket)
    }
  }

  private var isBusy: Bool { isComputing.load(ordering: .relaxed) }

  private func exchangeOutcomes() {
    var transfer = Transfer()
    transfer.broadcast(UnsafeMutableRawBufferPointer(start: stopFlag.start, count: 1))
    transfer.gather(
      into: outcomes,
      Portions(
        byteCounts: (0..<ranks.rankCount).map { shards(ofRank: $0).count * MemoryLayout<TrainingOutcomes>.stride }))
    transfer.wait { isBusy }
  }

  private func add(_ bucket: Bucket) {
    addOwnShards(bucket.range)
    let slice = bucket.slices[ranks.rank]
    var transfer = Transfer()
    let subtrees = exchangeSubtrees(bucket, &transfer)
    transfer.wait { isBusy }
    if let sum = tree.add(subtrees: subtrees, count: slice.count), sum != gradients + slice.lowerBound {
      (gradients + slice.lowerBound).update(from: sum, count: slice.count)
    }
    transfer.gather(into: gradients + bucket.range.lowerBound, bucket.portions)
    transfer.wait { isBusy }
  }

  private func addOwnShards(_ range: Range<Int>) {
    let pieceSize = ParameterBlock.targetSize
    parallel.forEach((range.count + pieceSize - 1) / pieceSize) { piece, _ in
      let start = range.lowerBound + piece * pieceSize
      tree.add(shards, gradients, stride: stride, range: start..<min(start + pieceSize, range.upperBound))
    }
  }

  /// - Returns: by shard, where the slice of the subtree that begins with it is or will be.
  private func exchangeSubtrees(_ bucket: Bucket, _ transfer: inout Transfer) -> [UnsafeMutablePointer<Float>?] {
    var subtrees = [UnsafeMutablePointer<Float>?](repeating: nil, count: tree.shardCount)
    let slice = bucket.slices[ranks.rank]
    let ownRoots = tree.roots(of: shards)
    for root in ownRoots { subtrees[root] = gradients + (root - shards.lowerBound) * stride + slice.lowerBound }
    var place = received.start
    // Each begins with its neighbour, so that no rank gets everything at once.
    for distance in 1..<ranks.rankCount where !slice.isEmpty {
      let other = (ranks.rank + ranks.rankCount - distance) % ranks.rankCount
      for root in tree.roots(of: shards(ofRank: other)) {
        transfer.receive(place, count: slice.count, from: other)
        subtrees[root] = place
        place += slice.count
      }
    }
    for distance in 1..<ranks.rankCount {
      let other = (ranks.rank + distance) % ranks.rankCount
      let theirs = bucket.slices[other]
      for root in ownRoots where !theirs.isEmpty {
        transfer.send(
          gradients + (root - shards.lowerBound) * stride + theirs.lowerBound, count: theirs.count, to: other)
      }
    }
    return subtrees
  }
}

/// What a network made of some training images.
struct TrainingOutcomes: BitwiseCopyable, Equatable {
  /// Sum of their losses.
  var loss = 0.0
  /// Those of them that are of a class.
  var labelled = 0
  /// Those of these whose likeliest class was their label.
  var hits = 0

  mutating func add(_ other: TrainingOutcomes) {
    loss += other.loss
    labelled += other.labelled
    hits += other.hits
  }
}
