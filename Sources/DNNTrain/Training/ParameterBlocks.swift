/// Some rows of one layer's parameter: the piece that one task updates after a batch.
struct ParameterBlock {
  let layer: Int
  let parameter: Parameter
  let rows: Range<Int>
  /// Floats, from where to where among all parameters.
  let range: Range<Int>

  /// Floats of a block: with the gradients of eight shards, some 300 KB, which the second-level cache holds.
  private static let targetSize = 8192

  /// Cuts all parameters of a network into blocks.
  static func all(of network: TrainableNetwork) -> [ParameterBlock] {
    network.layers.enumerated().flatMap { index, layer in
      layer.parameters.flatMap { parameter in
        let rowCount = max(targetSize / parameter.stride, 1)
        let start = network.parameterOffsets[index] + parameter.offset
        return stride(from: 0, to: parameter.rows, by: rowCount).map { first in
          let rows = first..<min(first + rowCount, parameter.rows)
          return ParameterBlock(
            layer: index, parameter: parameter, rows: rows,
            range: (start + rows.lowerBound * parameter.stride)..<(start + rows.upperBound * parameter.stride))
        }
      }
    }
  }
}

extension TrainableNetwork {
  /// Brings a block into the form in which its layer reads it, once all blocks of its parameter are what they will be.
  ///
  /// - Parameters:
  ///   - block: one of the network's.
  ///   - parameters: all of the network's.
  func pack(_ block: ParameterBlock, from parameters: UnsafePointer<Float>) {
    layers[block.layer].pack(block.parameter, rows: block.rows, from: parameters + parameterOffsets[block.layer])
  }
}

/// Adds vectors in a fixed binary tree, (0 + 1) + (2 + 3)…, and leaves the sum in the first. The others are overwritten.
///
/// - Parameters:
///   - vectors: the first vector's start.
///   - vectorCount: at least 1.
///   - stride: floats from one vector to the next.
///   - range: the elements to add; its length is a multiple of 8.
func addInTree(_ vectors: UnsafeMutablePointer<Float>, vectorCount: Int, stride: Int, range: Range<Int>) {
  var distance = 1
  while distance < vectorCount {
    var first = 0
    while first + distance < vectorCount {
      add(vectors + (first + distance) * stride, to: vectors + first * stride, range)
      first += 2 * distance
    }
    distance *= 2
  }
}

private func add(_ source: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>, _ range: Range<Int>) {
  var index = range.lowerBound
  while index < range.upperBound {
    (Vector(target + index) + Vector(source + index)).store(target + index)
    index += Vector.scalarCount
  }
}
