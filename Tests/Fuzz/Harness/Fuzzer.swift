import CFuzzer
import Foundation
import TestSupport

// The functions that libFuzzer calls. `--target=NAME` says what is tested; `--seeds=FOLDER` writes the target's first inputs there
// and ends.

private let target: FuzzTarget = {
  let name = argument("--target=") ?? ""
  guard let target = FuzzTarget.all.first(where: { $0.name == name }) else {
    fatalError("--target=\(name): take one of \(FuzzTarget.all.map(\.name).joined(separator: ", "))")
  }
  return target
}()

private func argument(_ prefix: String) -> String? {
  CommandLine.arguments.first { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
}

/// What SwiftPM takes for main, and swiftc leaves to libFuzzer.
@_cdecl("fuzz_main")
public func fuzzMain(_ count: Int32, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> Int32 {
  var (count, arguments) = (count, arguments)
  return LLVMFuzzerRunDriver(&count, &arguments) { testOneInput($0, $1) }
}

/// Called once, before anything else.
@_cdecl("LLVMFuzzerInitialize")
public func initialize(
  _ count: UnsafeMutablePointer<Int32>?, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> Int32 {
  guard let folder = argument("--seeds=") else { return 0 }
  do {
    for (index, seed) in try target.seeds().enumerated() {
      try Data(seed).write(to: URL(fileURLWithPath: "\(folder)/seed-\(index)"))
    }
  } catch {
    fatalError("\(error)")
  }
  exit(0)
}

/// Called for each input.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ bytes: UnsafePointer<UInt8>?, _ size: Int) -> Int32 {
  do {
    try target.run(UnsafeRawBufferPointer(start: bytes, count: size))
  } catch {
    check("\(error)" != "", "an error has a message")
  }
  return 0
}

/// Makes a new input of one that was of use: most often with the target's own change, if it has one.
@_cdecl("LLVMFuzzerCustomMutator")
public func customMutator(
  _ bytes: UnsafeMutablePointer<UInt8>, _ size: Int, _ largestSize: Int, _ seed: UInt32
) -> Int {
  var random = Random(UInt64(seed))
  if let mutate = target.mutate, random.int(0...3) > 0 {
    let input = Array(UnsafeBufferPointer(start: bytes, count: size))
    if let changed = mutate(input, &random), changed.count <= largestSize {
      bytes.update(from: changed, count: changed.count)
      return changed.count
    }
  }
  return LLVMFuzzerMutate(bytes, size, largestSize)
}

/// libFuzzer's own change of some bytes, which may make them more or fewer.
func mutated(_ part: [UInt8]) -> [UInt8] {
  let room = part.count + max(64, part.count / 4)
  return [UInt8](unsafeUninitializedCapacity: room) { bytes, count in
    _ = bytes.initialize(from: part)
    count = LLVMFuzzerMutate(bytes.baseAddress, part.count, room)
  }
}

/// Ends the program with a message where a promise is broken, as libFuzzer expects of a finding.
func check(_ condition: Bool, _ promise: @autoclosure () -> String) {
  if !condition { fatalError("broken: \(promise())") }
}
