import Testing

@Suite struct IntegerGemmTests {
  struct Variant: Sendable {
    let name: String
    let pool, storesSums: Bool
    let count: Int
  }

  private static let variants = [
    Variant(name: "integer gemm", pool: false, storesSums: false, count: 4000),
    Variant(name: "integer gemm to sums", pool: false, storesSums: true, count: 2000),
    Variant(name: "integer gemm with pool", pool: true, storesSums: false, count: 2000),
    Variant(name: "integer gemm with pool to sums", pool: true, storesSums: true, count: 1000),
  ]

  @Test(arguments: IntegerInstructionSet.available)
  func tableIsTheOneAskedFor(set: IntegerInstructionSet) {
    #expect(String(cString: set.kernels.name) == "\(set)")
  }

  @Test(arguments: IntegerInstructionSet.available, variants)
  func productsAreExact(set: IntegerInstructionSet, variant: Variant) {
    forEachShape(variant.name, set, count: variant.count) {
      IntegerGemmShape(&$0, set, pool: variant.pool, storesSums: variant.storesSums)
    } exactTest: { shape, trial in
      let product = IntegerGemmCase(shape, &trial)
      if shape.storesSums {
        let output: Integers<Int32> = trial.arena.integerOutput(product.outputCount, &trial.random)
        var expectation = ExactExpectation(output)
        product.forEachSum { place, _, sum in expectation.expect(Int32(sum), at: place) }
        try product.run(&trial, bytes: nil, sums: output)
        try expectation.check(output)
      } else {
        let output: Integers<UInt8> = trial.arena.integerOutput(product.outputCount, &trial.random)
        var expectation = ExactExpectation(output)
        product.forEachSum { place, column, sum in expectation.expect(product.byte(sum, column: column), at: place) }
        try product.run(&trial, bytes: output, sums: nil)
        try expectation.check(output)
      }
    }
  }
}
