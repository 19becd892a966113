#if hasFeature(Embedded)

  // In the library, arithmetic wraps: it must not end its caller's process, and 2,000 checks take 8 KB. What
  // comes from outside is checked where it comes in, with operations that report an overflow; sums and products of what has
  // been checked stay in range. The tools and tests, which compile the same sources without this file, trap, and so tests and
  // fuzzers find where that is not so.
  //
  // A member of a module comes before one of the standard library's with the same signature.

  extension Int {
    @inline(__always) static func + (a: Self, b: Self) -> Self { a &+ b }
    @inline(__always) static func - (a: Self, b: Self) -> Self { a &- b }
    @inline(__always) static func * (a: Self, b: Self) -> Self { a &* b }
    @inline(__always) static func += (a: inout Self, b: Self) { a = a &+ b }
    @inline(__always) static func -= (a: inout Self, b: Self) { a = a &- b }
  }

  extension Int64 {
    @inline(__always) static func + (a: Self, b: Self) -> Self { a &+ b }
    @inline(__always) static func - (a: Self, b: Self) -> Self { a &- b }
    @inline(__always) static func * (a: Self, b: Self) -> Self { a &* b }
    @inline(__always) static func += (a: inout Self, b: Self) { a = a &+ b }
    @inline(__always) static func -= (a: inout Self, b: Self) { a = a &- b }
  }

  extension Int32 {
    @inline(__always) static func + (a: Self, b: Self) -> Self { a &+ b }
    @inline(__always) static func - (a: Self, b: Self) -> Self { a &- b }
    @inline(__always) static func * (a: Self, b: Self) -> Self { a &* b }
    @inline(__always) static func += (a: inout Self, b: Self) { a = a &+ b }
    @inline(__always) static func -= (a: inout Self, b: Self) { a = a &- b }
  }

  extension UInt64 {
    @inline(__always) static func + (a: Self, b: Self) -> Self { a &+ b }
    @inline(__always) static func - (a: Self, b: Self) -> Self { a &- b }
    @inline(__always) static func * (a: Self, b: Self) -> Self { a &* b }
    @inline(__always) static func += (a: inout Self, b: Self) { a = a &+ b }
    @inline(__always) static func -= (a: inout Self, b: Self) { a = a &- b }
  }

#endif
