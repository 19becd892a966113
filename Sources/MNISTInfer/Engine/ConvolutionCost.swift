/// What the ways to compute a 3×3 convolution of stride 1 cost, in multiply-adds of the direct way.
package struct ConvolutionCost {
  private let depth: Int
  private let output: Shape

  /// - Parameters:
  ///   - depth: input channels.
  ///   - output: the output's shape.
  package init(depth: Int, output: Shape) {
    self.depth = depth
    self.output = output
  }

  /// Of the direct way.
  package var direct: Int { output.height * output.width * 9 * depth * output.channels }

  /// Of Winograd's F(m × m, 3 × 3), or nil where channels are too few to fill vectors.
  ///
  /// The products take (m + 2)² multiply-adds for m² outputs where the direct way takes 9 m²; tiles that reach over the edge
  /// waste some of that; and the products reuse their weights less than the direct way does, hence a third more. The
  /// transformations take some 150 operations an input channel and 100 an output channel and tile for m = 4, a third for
  /// m = 2, each with loads and stores of its own, hence twice.
  package func winograd(outputs: Int) -> Int? {
    let columns = output.channels
    if depth < 8 || columns < 8 { return nil }
    let tiles = divideUp(output.height, by: outputs) * divideUp(output.width, by: outputs)
    let products = (outputs + 2) * (outputs + 2) * depth * columns
    let transformations = outputs == 4 ? 150 * depth + 100 * columns : 50 * depth + 33 * columns
    return tiles * (products / 3 * 4 + 2 * transformations)
  }
}
