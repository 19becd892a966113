import DNNCluster
import Testing

@testable import DNNTrain

@Suite struct SumTreeTests {
  @Test("the tree adds neighbours first", arguments: 1...9)
  func tree(count: Int) {
    var vectors = (0..<count).flatMap { vector in (0..<16).map { Float(1 << vector) + Float($0) / 64 } }
    SumTree(shardCount: count).add(0..<count, &vectors, stride: 16, range: 8..<16)
    for element in 8..<16 {
      #expect(vectors[element] == Float((1 << count) - 1) + Float(count * element) / 64, "\(count) vectors")
    }
  }

  @Test("…which shows where a one alone is lost in rounding")
  func treeOrder() {
    var order: [Float] = [0x1p24, 0, 1, 1].flatMap { [Float](repeating: $0, count: 8) }
    SumTree(shardCount: 4).add(0..<4, &order, stride: 8, range: 0..<8)
    #expect(order[0] == 0x1p24 + 2)
  }

  @Test("subtrees of any number of ranks add up to the same bits", arguments: 1...33)
  func ranks(shardCount: Int) throws {
    let tree = SumTree(shardCount: shardCount)
    // Numbers of so different sizes that every other order of additions rounds to something else.
    var generator = RandomGenerator(RandomKey(seed: UInt64(shardCount)))
    let values = (0..<8 * shardCount).map { _ in generator.symmetricUnit() * Float(1 << generator.index(below: 24)) }
    var whole = values
    tree.add(0..<shardCount, &whole, stride: 8, range: 0..<8)
    for rankCount in 1...shardCount + 3 {
      var parts = values
      try parts.withUnsafeMutableBufferPointer { parts in
        let start = try #require(parts.baseAddress)
        var subtrees = [UnsafeMutablePointer<Float>?](repeating: nil, count: shardCount)
        var next = 0
        for rank in 0..<rankCount {
          let shards = Communicator.share(of: shardCount, rank: rank, rankCount: rankCount)
          #expect(shards.lowerBound == next && abs(shards.count * rankCount - shardCount) < rankCount)
          next = shards.upperBound
          tree.add(shards, start + 8 * shards.lowerBound, stride: 8, range: 0..<8)
          for root in tree.roots(of: shards) { subtrees[root] = start + 8 * root }
        }
        #expect(next == shardCount)
        let sum = try #require(tree.add(subtrees: subtrees, count: 8))
        #expect((0..<8).map { sum[$0] } == Array(whole.prefix(8)), "\(shardCount) shards, \(rankCount) ranks")
      }
    }
  }

  @Test("a rank has few subtrees, one where it has an even share")
  func roots() {
    #expect(SumTree(shardCount: 8).roots(of: 2..<4) == [2])
    #expect(SumTree(shardCount: 8).roots(of: 0..<8) == [0])
    #expect(SumTree(shardCount: 8).roots(of: 1..<7) == [1, 2, 4, 6])
    #expect(SumTree(shardCount: 6).roots(of: 4..<6) == [4])
    #expect(SumTree(shardCount: 5).roots(of: 5..<5) == [])
  }
}
