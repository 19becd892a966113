import TestSupport

/// What activations a case has.
enum ByteKind: CaseIterable {
  case any, extremes, highest

  func callAsFunction(_ random: inout Random) -> UInt8 {
    switch self {
    case .any: UInt8(truncatingIfNeeded: random.next())
    case .extremes: random.next() & 1 == 0 ? 0 : 255
    case .highest: 255
    }
  }
}

/// What weights a case has. Those of one sign, with the highest bytes, give sums of products that saturate 16 bits.
enum WeightKind: CaseIterable {
  case any, extremes, highest, lowest

  func callAsFunction(_ random: inout Random) -> Int8 {
    switch self {
    case .any: Int8.random(in: -127...127, using: &random)
    case .extremes: random.next() & 1 == 0 ? -127 : 127
    case .highest: 127
    case .lowest: -127
    }
  }
}

/// How numbers become bytes at the end.
struct ByteRange {
  let zeroPoint, lower, upper: Int32

  /// Bounds are often the ends of a byte's range.
  init(_ random: inout Random) {
    zeroPoint = Int32(random.element([0, 255, random.int(0...255)]))
    let bounds = [random.element([0, random.int(0...255)]), random.element([255, random.int(0...255)])]
    (lower, upper) = (Int32(bounds.min()!), Int32(bounds.max()!))
  }

  func callAsFunction(_ value: Int64) -> UInt8 {
    UInt8(min(max(Int64(zeroPoint) + value, Int64(lower)), Int64(upper)))
  }
}

extension Random {
  /// One of several.
  mutating func element<Element>(_ elements: [Element]) -> Element { elements[int(0...elements.count - 1)] }

  /// A count of at least 1 that fills vectors, or nearly, or is any number.
  mutating func ragged(_ lanes: Int, upTo limit: Int) -> Int {
    let whole = lanes * int(1...max(1, limit / lanes))
    return min(max(element([whole, whole - 1, whole + 1, int(1...limit)]), 1), limit)
  }
}
