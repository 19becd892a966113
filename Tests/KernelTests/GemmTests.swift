import Testing

@Suite struct GemmTests {
  /// With pooling, the largest of four sums is off by no more than the one of them that is off most.
  @Test(arguments: InstructionSet.available, [(pool: false, count: 10_000), (pool: true, count: 4000)])
  func productsMatchReference(set: InstructionSet, variant: (pool: Bool, count: Int)) {
    forEachShape(variant.pool ? "gemm with pool" : "gemm", set, count: variant.count) {
      GemmShape(&$0, set, pool: variant.pool)
    } test: { shape, trial in
      let product = GemmCase(shape, &trial)
      let output = product.output(trial.arena)
      product.run(trial, to: output)

      let gamma = Rounding.gamma(set.roundings(chain: shape.terms))
      var expectation = Expectation(output)
      for (index, offset) in product.outputOffsets.enumerated() {
        let rows = (0..<shape.window).map { product.sums(row: shape.window * index + $0) }
        for n in 0..<shape.columns {
          let sum = rows.reduce(-.infinity) { max($0, $1.values[n]) }
          let magnitude = rows.reduce(0) { max($0, $1.magnitudes[n]) }
          let bound = shape.activation.bound(sum, error: gamma * magnitude)
          expectation.expect(shape.activation(sum), within: bound, at: offset + n)
        }
      }
      let margin = try expectation.check(output)

      // How rows and columns are cut into tiles does not change a bit.
      let pieces = product.output(trial.arena)
      product.runInPieces(trial, to: pieces)
      if !pieces.hasSameBits(as: output) { throw Failure("row by row, the result is another") }
      return margin
    }
  }
}
