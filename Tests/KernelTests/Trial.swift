import CKernels
import TestSupport
import Testing

/// What is wrong with a result.
struct Failure: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

/// A random case of one kernel: the numbers it is made of and the memory it runs in.
struct KernelTrial<Build: KernelBuild> {
  let set: Build
  let kernels: Build.Kernels
  var random: Random
  let arena: Arena

  /// Memory full of random numbers.
  mutating func numbers(_ count: Int, bound: Float = 1, blank: Float = .nan) -> Memory {
    let memory = arena.memory(count, blank: blank)
    memory.fill(0..<count, &random, bound: bound)
    return memory
  }
}

typealias Trial = KernelTrial<InstructionSet>
typealias IntegerTrial = KernelTrial<IntegerInstructionSet>

/// Tests a kernel whose results are rounded on random shapes. A test that passes gives the largest error as a fraction of its
/// bound.
func forEachShape<Shape, Build: KernelBuild>(
  _ kernel: String, _ set: Build, count: Int, _ shape: (inout Random) -> Shape,
  test: (Shape, inout KernelTrial<Build>) throws -> Double
) {
  if let largest = largestError(kernel, set, count, shape, test) {
    let percent = (1000 * largest).rounded() / 10
    print("\(kernel), \(set): \(count) shapes, errors up to \(percent) % of their bound")
  }
}

/// Tests a kernel whose results are exact on random shapes.
func forEachShape<Shape, Build: KernelBuild>(
  _ kernel: String, _ set: Build, count: Int, _ shape: (inout Random) -> Shape,
  exactTest: (Shape, inout KernelTrial<Build>) throws -> Void
) {
  let error = largestError(kernel, set, count, shape) { shape, trial in
    try exactTest(shape, &trial)
    return 0
  }
  if error != nil { print("\(kernel), \(set): \(count) shapes, all exact") }
}

/// Tests a kernel on random shapes, each with a seed of its own, until one fails; says which that was, and returns nil.
private func largestError<Shape, Build: KernelBuild>(
  _ kernel: String, _ set: Build, _ count: Int, _ shape: (inout Random) -> Shape,
  _ test: (Shape, inout KernelTrial<Build>) throws -> Double
) -> Double? {
  let arena = Arena()
  let kernels = set.kernels
  var largest = 0.0
  for seed in 0..<count {
    var random = Random(UInt64(seed))
    let shape = shape(&random)
    var trial = KernelTrial(set: set, kernels: kernels, random: random, arena: arena)
    defer { arena.free() }
    do {
      largest = max(largest, try test(shape, &trial))
    } catch {
      Issue.record("\(kernel), \(set), seed \(seed), \(shape): \(error)")
      return nil
    }
  }
  return largest
}

extension Random {
  /// One of the first multiples of one of the edges, or a number beside it.
  mutating func near(_ edges: Int...) -> Int { max(1, edges[int(0...edges.count - 1)] * int(1...3) + int(-1...1)) }
}
