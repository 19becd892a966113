import DNNModel
import Foundation
import TestSupport
import Testing

/// Beside Foundation, which the tools do without.
@Suite struct NumberTextTests {
  private static let edges: [Double] = [
    0, -0.0, 0.5, 1.5, 2.5, 0.125, 0.375, 1.005, 0.99995, 999_999.5, 1e-7, 1e21, .leastNonzeroMagnitude,
    .greatestFiniteMagnitude, -.greatestFiniteMagnitude, .infinity, -.infinity, .nan,
  ]

  @Test func decimalsAreThoseOfPrintf() {
    var random = Random(1)
    let values = NumberTextTests.edges + (0..<2000).map { _ in Double(bitPattern: random.next()) }
    for value in values {
      for digits in 0...6 {
        #expect(decimal(value, digits) == String(format: "%.\(digits)f", value), "\(value)")
        #expect(significant(value, digits) == String(format: "%.\(digits)g", value), "\(value)")
      }
    }
    #expect(decimal(Float(0.1), 9) == "0.100000001")
  }

  @Test func groupsAreThoseOfEnglish() {
    for value in [0, 7, 999, 1000, 12_345, 999_999, 1_000_000, -1, -999, -1000, .max, .min] {
      #expect(grouped(value) == value.formatted(.number.locale(Locale(identifier: "en_US"))), "\(value)")
    }
  }

  @Test func zerosComeBeforeWhatIsTooShort() {
    #expect(zeroPadded(7, 2) == "07")
    #expect(zeroPadded(123, 2) == "123")
    #expect(zeroPadded(UInt32(0xbeef), 8, radix: 16) == "0000beef")
  }
}
