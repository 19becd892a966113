import MNISTInfer
import Testing

/// Factors as integers, against their definition in FileFormat.md.
@Suite struct FixedPointTests {
  /// A factor, its multiplier and shift in 31 bits, and in 20 bits.
  private static let vectors: [(factor: Double, Int32, Int, Int32, Int)] = [
    // Halfway between two multipliers of 31 bits, and the numbers beside that.
    (0x1.0000000200000p-10, 1_073_741_824, 40, 524_288, 29), (0x1.00000001fffffp-10, 1_073_741_824, 40, 524_288, 29),
    (0x1.0000000200001p-10, 1_073_741_825, 40, 524_288, 29), (0x1.0000000600000p+30, 1_073_741_826, 0, 524_288, -11),
    (0x1.00000005fffffp+30, 1_073_741_825, 0, 524_288, -11), (0x1.fffffffa00000p-10, 2_147_483_646, 40, 524_288, 28),
    (0x1.fffffffa00001p-10, 2_147_483_647, 40, 524_288, 28), (0x1.5555555600000p-10, 1_431_655_766, 40, 699_051, 29),
    (0x1.55555555fffffp-10, 1_431_655_765, 40, 699_051, 29),
    // Rounded up to 2^31, so one less in the shift; and just not.
    (0x1.fffffffe00000p+30, 1_073_741_824, -1, 524_288, -12), (0x1.fffffffe00000p-10, 1_073_741_824, 39, 524_288, 28),
    (0x1.fffffffe00001p-10, 1_073_741_824, 39, 524_288, 28), (0x1.fffffffdfffffp-10, 2_147_483_647, 40, 524_288, 28),
    // The same of 20 bits.
    (0x1.0000100000000p-11, 1_073_742_848, 41, 524_288, 30), (0x1.0000100000001p-11, 1_073_742_848, 41, 524_289, 30),
    (0x1.0000300000000p-11, 1_073_744_896, 41, 524_290, 30), (0x1.00002ffffffffp-11, 1_073_744_896, 41, 524_289, 30),
    (0x1.fffff00000000p-11, 2_147_482_624, 41, 524_288, 29), (0x1.ffffeffffffffp-11, 2_147_482_624, 41, 1_048_575, 30),
    // Ordinary numbers.
    (0x1.5555555555555p-2, 1_431_655_765, 32, 699_051, 21),
    (0x1.999999999999ap-4, 1_717_986_918, 34, 838_861, 23),
    (0x1.fffffffffe000p-1, 1_073_741_824, 30, 524_288, 19),
    (0x1.71547652b82fep+0, 1_549_082_005, 30, 756_388, 19),
    (0x1.0101010101010p-8, 1_077_952_576, 38, 526_344, 27),
    (0x1.07893043048cfp-15, 1_105_349_649, 45, 539_722, 34),
    (0x1.fde9f10a8d361p+78, 2_138_733_635, -48, 1_044_304, -59),
    (0x1.56e1fc2f8f359p-997, 1_438_154_508, 1027, 702_224, 1016),
    (0x1.0001000000000p+16, 1_073_758_208, 14, 524_296, 3),
    (0x1.8000000000000p+1, 1_610_612_736, 29, 786_432, 18),
  ]

  /// The expected numbers come from exact fractions of integers in Python: `e` by doubling and halving until 2^(e - 1) <= M <
  /// 2^e, then `rint` by comparing the remainder of M * 2^s with one half.
  @Test func exactVectors() {
    for (factor, multiplier, shift, multiplier20, shift20) in Self.vectors {
      let fixed = FixedPoint(factor)
      #expect(fixed.multiplier == multiplier && fixed.shift == shift, "\(factor)")
      #expect(FixedPoint.shift(for: factor, bits: 20) == shift20, "\(factor) in 20 bits")
      #expect(FixedPoint.multiplier(factor, shift: shift20) == multiplier20, "\(factor) in 20 bits")
    }
  }

  /// 2^k is 2^30 * 2^-(30 - k), and so are its neighbours, which differ in the 53rd bit.
  @Test func powersOfTwo() {
    for power in -1022...1023 {
      let factor = Double(sign: .plus, exponent: power, significand: 1)
      for neighbour in [factor, factor.nextUp] + (power > -1022 ? [factor.nextDown] : []) {
        let fixed = FixedPoint(neighbour)
        #expect(fixed.multiplier == 1 << 30 && fixed.shift == 30 - power, "\(neighbour)")
      }
    }
  }

  /// Factors much smaller than the one that the shift was chosen for: the last bits, one half, and nothing.
  @Test func smallFactors() {
    for (power, mantissa, expected) in [
      (-30, 1.0, 1), (-31, 1.0, 0), (-31, 1.0.nextUp, 1), (-30, 1.5, 2), (-29, 1.25, 2), (-29, 1.75, 4), (-32, 1.9, 0),
      (-33, 1.9, 0), (-34, 1.0, 0), (-1000, 1.0, 0),
    ] as [(Int, Double, Int32)] {
      let factor = Double(sign: .plus, exponent: power, significand: mantissa)
      #expect(FixedPoint.multiplier(factor, shift: 30) == expected, "\(mantissa) * 2^\(power)")
    }
  }
}
