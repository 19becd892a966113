import TestSupport

/// Floats that a kernel works on, between guard zones that it has no business in.
///
/// All of it holds `blank` at first: inputs are then written where the kernel may read, and whatever else it reads shows in the
/// result; outputs stay as they are, and whatever else it writes shows as a change. The blank of outputs is no NaN, because a
/// result that went through one blank input has that one's bits. Nothing is aligned to a vector.
struct Memory {
  /// More than two rows of the widest panel, 64 floats, and odd.
  static let guardZone = 131

  let start: UnsafeMutablePointer<Float>
  let count: Int
  let blank: Float

  var input: UnsafePointer<Float> { UnsafePointer(start) }

  /// Every place, those of the guard zones included.
  var places: Range<Int> { -Memory.guardZone..<count + Memory.guardZone }

  subscript(place: Int) -> Float {
    get { start[place] }
    nonmutating set { start[place] = newValue }
  }

  /// Whether nothing was written there.
  func isBlank(_ place: Int) -> Bool { start[place].bitPattern == blank.bitPattern }

  /// Writes random numbers from -bound to bound.
  func fill(_ places: Range<Int>, _ random: inout Random, bound: Float = 1) {
    for place in places { start[place] = Float.random(in: -bound...bound, using: &random) }
  }

  func hasSameBits(as other: Memory) -> Bool {
    places.allSatisfy { start[$0].bitPattern == other.start[$0].bitPattern }
  }

  func checkGuardZones(_ name: String) throws {
    for place in places where !(0..<count).contains(place) && !isBlank(place) {
      throw Failure("\(name)[\(place)] of \(count) was written")
    }
  }
}

/// Owns the memory of one case.
final class Arena {
  private var allocations: [UnsafeMutableRawPointer] = []

  /// Memory for a result, blank with a number that no kernel writes by chance and that no sum absorbs.
  func output(_ count: Int) -> Memory { memory(count, blank: -1234.5677) }

  /// Memory that holds `blank` everywhere.
  func memory(_ count: Int, blank: Float = .nan) -> Memory {
    let all = count + 2 * Memory.guardZone
    let start: UnsafeMutablePointer<Float> = allocate(all)
    start.initialize(repeating: blank, count: all)
    return Memory(start: start + Memory.guardZone, count: count, blank: blank)
  }

  func offsets(_ values: [Int]) -> UnsafePointer<Int32> {
    let start: UnsafeMutablePointer<Int32> = allocate(max(values.count, 1))
    for (index, value) in values.enumerated() { (start + index).initialize(to: Int32(value)) }
    return UnsafePointer(start)
  }

  /// Memory that nothing was written to.
  func allocate<Element>(_ count: Int) -> UnsafeMutablePointer<Element> {
    let start = UnsafeMutablePointer<Element>.allocate(capacity: count)
    allocations.append(UnsafeMutableRawPointer(start))
    return start
  }

  func free() {
    for allocation in allocations { allocation.deallocate() }
    allocations = []
  }
}
