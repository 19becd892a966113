/// The fixed binary tree in which the gradients of a batch's shards are added: (0 + 1) + (2 + 3)…, where a shard that has no
/// neighbour yet waits for the next level. Whoever adds, and wherever the shards are, the sum is the same to the last bit.
struct SumTree {
  /// Shards of the batch; at least 1.
  let shardCount: Int

  /// Adds what can be added of some neighbouring shards alone, and leaves the sum of each whole subtree in its first shard's
  /// place. The others are overwritten.
  ///
  /// - Parameters:
  ///   - shards: which; all for the sum.
  ///   - vectors: the first shard's vector.
  ///   - stride: floats from one shard's vector to the next.
  ///   - range: the elements to add; its length is a multiple of 8.
  func add(_ shards: Range<Int>, _ vectors: UnsafeMutablePointer<Float>, stride: Int, range: Range<Int>) {
    var distance = 1
    while distance < shards.count {
      var first = roundUp(shards.lowerBound, to: 2 * distance)
      while first + distance < shards.upperBound {
        if min(first + 2 * distance, shardCount) <= shards.upperBound {
          let place = vectors + (first - shards.lowerBound) * stride
          addVector(place + distance * stride, to: place, range)
        }
        first += 2 * distance
      }
      distance *= 2
    }
  }

  /// Where `add` leaves sums: the first shards of the largest subtrees that lie in some neighbouring shards, in their order.
  func roots(of shards: Range<Int>) -> [Int] {
    var roots: [Int] = []
    var first = shards.lowerBound
    while first < shards.upperBound {
      var size = 1
      while size < shardCount, first.isMultiple(of: 2 * size), min(first + 2 * size, shardCount) <= shards.upperBound {
        size *= 2
      }
      roots.append(first)
      first += size
    }
    return roots
  }

  /// Adds the sums of subtrees.
  ///
  /// - Parameters:
  ///   - subtrees: by shard, the vector of a subtree that begins with it; nil within a subtree. Together they are all shards.
  ///   - count: floats of a vector, a multiple of 8.
  /// - Returns: the sum, in the first subtree's place.
  func add(subtrees: [UnsafeMutablePointer<Float>?], count: Int) -> UnsafeMutablePointer<Float>? {
    var distance = 1
    while distance < shardCount {
      for first in stride(from: 0, to: shardCount - distance, by: 2 * distance) {
        guard let left = subtrees[first], let right = subtrees[first + distance] else { continue }
        addVector(right, to: left, 0..<count)
      }
      distance *= 2
    }
    return subtrees[0]
  }
}

private func addVector(_ source: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>, _ range: Range<Int>) {
  var index = range.lowerBound
  while index < range.upperBound {
    (Vector(target + index) + Vector(source + index)).store(target + index)
    index += Vector.scalarCount
  }
}
