import MNISTInfer

/// The weights that a network in training computes with when they are rounded to 8 bits. The optimizer moves others, which keep
/// steps too small for the grid.
final class WeightRounding {
  /// All of the network's, weights rounded, biases as they are.
  let parameters: Buffer<Float>
  /// By layer: a scale for each column of the weights, as wide as a row in memory.
  private let scales: [Int: [Vector]]

  /// - Parameters:
  ///   - network: what is trained.
  ///   - scales: by layer of its architecture, for each output channel; none where weights are not rounded.
  /// - Throws: `Failure` if memory runs out.
  init(_ network: TrainableNetwork, scales: [Int: [Float]]) throws {
    parameters = try Buffer(count: network.parameterCount)
    self.scales = scales.reduce(into: [:]) { rows, node in
      guard let place = network.parameter(.weights, ofNode: node.key) else { return }
      var row = [Vector](repeating: Vector(repeating: 1), count: place.parameter.stride / Vector.scalarCount)
      for (column, scale) in node.value.enumerated() {
        row[column / Vector.scalarCount][column % Vector.scalarCount] = scale
      }
      rows[place.layer] = row
    }
  }

  /// Rounds a block, after it changed.
  func round(_ block: ParameterBlock, from values: UnsafePointer<Float>) {
    let target = parameters.start
    guard block.parameter.role == .weights, let scales = scales[block.layer] else {
      (target + block.range.lowerBound).update(from: values + block.range.lowerBound, count: block.range.count)
      return
    }
    let limit = Vector(repeating: 127)
    forEachVector(block, scales) { index, scale in
      let steps = (Vector(values + index) / scale).clamped(lowerBound: -limit, upperBound: limit)
      (roundedToNearest(steps) * scale).store(target + index)
    }
  }

  /// Sets the gradient to zero where rounding clips a weight.
  ///
  /// - Parameters:
  ///   - gradient: of all parameters; changed in the block.
  ///   - block: one of the network's.
  ///   - values: all parameters, not rounded.
  func stopClipped(_ gradient: UnsafeMutablePointer<Float>, _ block: ParameterBlock, of values: UnsafePointer<Float>) {
    guard block.parameter.role == .weights, let scales = scales[block.layer] else { return }
    forEachVector(block, scales) { index, scale in
      let (value, limit) = (Vector(values + index), 127.5 * scale)
      let isClipped = (value .< -limit) .| (value .> limit)
      Vector(gradient + index).replacing(with: 0, where: isClipped).store(gradient + index)
    }
  }

  private func forEachVector(
    _ block: ParameterBlock, _ scales: [Vector], _ body: (_ index: Int, _ scale: Vector) -> Void
  ) {
    var index = block.range.lowerBound
    while index < block.range.upperBound {
      for scale in scales {
        body(index, scale)
        index += Vector.scalarCount
      }
    }
  }
}
