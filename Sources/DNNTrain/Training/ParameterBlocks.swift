/// Some rows of one layer's parameter: the piece that one task updates after a batch.
struct ParameterBlock {
  let layer: Int
  let parameter: Parameter
  let rows: Range<Int>
  /// Floats, from where to where among all parameters.
  let range: Range<Int>

  /// Floats of a block: with the gradients of eight shards, some 300 KB, which the second-level cache holds.
  static let targetSize = 8192

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
