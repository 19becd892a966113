import TestSupport

/// Integers that a kernel works on. Random ones at first, everywhere: what a kernel reads where it may not shows in the result.
///
/// There is a guard zone before, and one behind unless a kernel only reads them: those end where their allocation does, so
/// that the address sanitizer sees what is read past them. Nothing is aligned to a vector.
struct Integers<Element: FixedWidthInteger & BitwiseCopyable> {
  let start: UnsafeMutablePointer<Element>
  let count: Int
  /// Elements of the guard zone behind.
  fileprivate let guardZoneBehind: Int

  var input: UnsafePointer<Element> { UnsafePointer(start) }

  /// Every place, those of the guard zones included.
  var places: Range<Int> { -Memory.guardZone..<count + guardZoneBehind }

  subscript(place: Int) -> Element {
    get { start[place] }
    nonmutating set { start[place] = newValue }
  }

  func fill(_ places: Range<Int>, _ element: () -> Element) {
    for place in places { start[place] = element() }
  }
}

extension Arena {
  /// Memory that a kernel only reads.
  func integers<Element: FixedWidthInteger & BitwiseCopyable>(
    _ count: Int, _ random: inout Random
  ) -> Integers<Element> {
    integers(count, guardZoneBehind: 0, &random)
  }

  /// Memory that a kernel writes to.
  func integerOutput<Element: FixedWidthInteger & BitwiseCopyable>(
    _ count: Int, _ random: inout Random
  ) -> Integers<Element> {
    integers(count, guardZoneBehind: Memory.guardZone, &random)
  }

  private func integers<Element: FixedWidthInteger & BitwiseCopyable>(
    _ count: Int, guardZoneBehind: Int, _ random: inout Random
  ) -> Integers<Element> {
    let all = Memory.guardZone + count + guardZoneBehind
    let first: UnsafeMutablePointer<Element> = allocate(all)
    let bytes = UnsafeMutableRawBufferPointer(start: first, count: all * MemoryLayout<Element>.size)
    for place in stride(from: 0, to: bytes.count, by: 8) {
      withUnsafeBytes(of: random.next()) {
        bytes[place..<min(place + 8, bytes.count)].copyBytes(from: $0.prefix(bytes.count - place))
      }
    }
    return Integers(start: first + Memory.guardZone, count: count, guardZoneBehind: guardZoneBehind)
  }
}

/// What an output has to be: a number at some places, what it was everywhere else.
struct ExactExpectation<Element: FixedWidthInteger & BitwiseCopyable> {
  private var values: [Element]

  /// Expects that nothing changes.
  init(_ output: Integers<Element>) { values = output.places.map { output[$0] } }

  mutating func expect(_ value: Element, at place: Int) { values[Memory.guardZone + place] = value }

  func check(_ output: Integers<Element>, _ name: String = "output") throws {
    try check(output, name, output.places)
  }

  /// Checks only what is around the memory.
  func checkGuardZones(_ memory: Integers<Element>, _ name: String) throws {
    try check(memory, name, memory.places.lowerBound..<0)
    try check(memory, name, memory.count..<memory.places.upperBound)
  }

  private func check(_ output: Integers<Element>, _ name: String, _ places: Range<Int>) throws {
    for place in places where output[place] != values[Memory.guardZone + place] {
      throw Failure(
        "\(name)[\(place)] of \(output.count) is \(output[place]), should be \(values[Memory.guardZone + place])")
    }
  }
}
