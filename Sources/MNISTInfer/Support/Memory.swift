import CPlatform

/// Cache lines and the widest vector registers are 64 bytes; everything the runtime allocates starts at a multiple of it.
package let memoryAlignment = 64

/// Memory for a fixed number of values of a trivial type, freed with its owner.
///
/// Running out is an error here, where Swift's own containers would trap.
package struct Buffer<Value: BitwiseCopyable>: ~Copyable {
  package let start: UnsafeMutablePointer<Value>
  package let count: Int

  /// All bits zero.
  package init(count: Int) throws(Failure) {
    let (size, overflow) = max(count, 1).multipliedReportingOverflow(by: MemoryLayout<Value>.stride)
    guard !overflow, let memory = allocateAligned(size) else { throw .outOfMemory }
    start = memory.bindMemory(to: Value.self, capacity: max(count, 1))
    self.count = count
  }

  deinit { freeAligned(start) }

  package subscript(index: Int) -> Value {
    get {
      checkBounds(index)
      return start[index]
    }
    nonmutating set {
      checkBounds(index)
      start[index] = newValue
    }
  }

  /// One comparison: a negative index is a large unsigned one.
  @inline(__always) private func checkBounds(_ index: Int) {
    precondition(UInt(bitPattern: index) < UInt(bitPattern: count))
  }
}

/// Zeros, from a multiple of `memoryAlignment` on, or nil.
///
/// calloc, aligned by hand: large pieces come from the kernel as zeros, and pages that are never used cost nothing, where
/// posix_memalign and memset would touch them all. Where calloc's memory starts stands before what is returned.
@inline(never) private func allocateAligned(_ size: Int) -> UnsafeMutableRawPointer? {
  let most = memoryAlignment + MemoryLayout<UnsafeMutableRawPointer>.size
  guard size <= Int.max - most, let allocation = calloc(1, size + most) else { return nil }
  let address = roundUp(Int(bitPattern: allocation) + MemoryLayout<UnsafeMutableRawPointer>.size, to: memoryAlignment)
  let start = allocation + (address - Int(bitPattern: allocation))
  (start - MemoryLayout<UnsafeMutableRawPointer>.size).storeBytes(of: allocation, as: UnsafeMutableRawPointer.self)
  return start
}

@inline(never) private func freeAligned(_ start: UnsafeMutableRawPointer) {
  free((start - MemoryLayout<UnsafeMutableRawPointer>.size).load(as: UnsafeMutableRawPointer.self))
}

/// Memory for one value that must not move, such as what a handle points to. The caller initialises it, and frees it in the
/// end.
func allocatePlace<Value: ~Copyable>(for _: Value.Type) throws(Failure) -> UnsafeMutablePointer<Value> {
  guard let memory = malloc(MemoryLayout<Value>.size) else { throw .outOfMemory }
  return memory.bindMemory(to: Value.self, capacity: 1)
}

extension UnsafeMutablePointer where Pointee: BitwiseCopyable {
  /// Copies `count` values that do not overlap. Not `update(from:count:)`, which in Embedded Swift calls a function for each.
  @inline(__always) func copy(from source: UnsafePointer<Pointee>, count: Int) {
    memcpy(self, source, count * MemoryLayout<Pointee>.stride)
  }

  /// Sets `count` values, for the same reason in a loop that the compiler sees through.
  @inline(__always) func fill(with value: Pointee, count: Int) {
    for index in 0..<count { self[index] = value }
  }
}

/// `value` rounded up to a multiple of `step`, which is a power of two.
package func roundUp(_ value: Int, to step: Int) -> Int { (value &+ step &- 1) & ~(step &- 1) }

/// The quotient of two positive numbers, rounded up.
func divideUp(_ value: Int, by divisor: Int) -> Int { (value + divisor - 1) / divisor }

/// A literal as C sees it: passing a Swift string would allocate.
func cString(_ text: StaticString) -> UnsafePointer<CChar> {
  UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
}
