import CPlatform

/// Threads that can run at the same time: the processors that this process may be scheduled on, or fewer where its control
/// group is given less time than that.
package func processorCount() -> Int {
  var count = Int(platform_affinity_count())
  if let limit = controlGroupLimit() { count = min(count, limit) }
  return max(count, 1)
}

/// The processors that the limits of the process's control group, and of all groups above it, amount to; nil without a limit.
///
/// Of version 2 (Linux, Control Group v2, "CPU Interface Files"): `cpu.max` holds a quota and a period in microseconds, or
/// "max" and a period. In a container the group's path often is not visible; its own limit then stands at the root.
private func controlGroupLimit() -> Int? {
  var text = SmallFile()
  guard text.read(cString("/proc/self/cgroup")), text.starts(with: "0::/") else { return nil }
  var path = SmallFile()
  path.append("/sys/fs/cgroup")
  path.append(text, from: 3, until: 0x0a)
  var limit: Int?
  while true {
    let length = path.count
    path.append("/cpu.max")
    var file = SmallFile()
    if path.withCString({ file.read($0) }), let processors = file.quota() {
      limit = min(limit ?? processors, processors)
    }
    path.count = length
    guard path.removeLastComponent(downTo: "/sys/fs/cgroup") else { return limit }
  }
}

/// A short text without an allocation: the contents of a file of the kernel's, or a path.
private struct SmallFile {
  private var bytes = InlineArray<512, UInt8>(repeating: 0)
  var count = 0

  /// Reads a file's first bytes; false if there is no such file.
  mutating func read(_ path: UnsafePointer<CChar>) -> Bool {
    let descriptor = platform_open_for_reading(path)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    let result = withUnsafeMutableBytes(of: &bytes) { CPlatform.read(descriptor, $0.baseAddress, $0.count - 1) }
    count = max(result, 0)
    return result > 0
  }

  func starts(with text: StaticString) -> Bool {
    guard count >= text.utf8CodeUnitCount else { return false }
    for index in 0..<text.utf8CodeUnitCount where bytes[index] != text.utf8Start[index] { return false }
    return true
  }

  /// What does not fit is left out: the path then names nothing.
  mutating func append(_ text: StaticString) {
    for index in 0..<text.utf8CodeUnitCount { append(byte: text.utf8Start[index]) }
  }

  mutating func append(_ other: SmallFile, from start: Int, until end: UInt8) {
    var index = start
    while index < other.count, other.bytes[index] != end {
      append(byte: other.bytes[index])
      index += 1
    }
  }

  private mutating func append(byte: UInt8) {
    guard count < 511 else { return }
    bytes[count] = byte
    count += 1
  }

  /// Cuts a path before its last slash; false if that would leave less than `root`.
  mutating func removeLastComponent(downTo root: StaticString) -> Bool {
    guard count > root.utf8CodeUnitCount else { return false }
    while count > root.utf8CodeUnitCount, bytes[count - 1] != 0x2f { count -= 1 }
    count -= 1
    return count >= root.utf8CodeUnitCount
  }

  mutating func withCString<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result {
    bytes[count] = 0
    return withUnsafeBytes(of: bytes) { body($0.baseAddress!.assumingMemoryBound(to: CChar.self)) }
  }

  /// Quota over period, rounded up; nil for "max".
  func quota() -> Int? {
    var index = 0
    guard let quota = number(&index), index < count, bytes[index] == 0x20 else { return nil }
    index += 1
    guard let period = number(&index), period > 0 else { return nil }
    return max(1, (quota + period - 1) / period)
  }

  /// Digits of up to 15 places from `index` on.
  private func number(_ index: inout Int) -> Int? {
    let start = index
    var value = 0
    while index < count, index < start + 15, bytes[index] >= 0x30, bytes[index] <= 0x39 {
      value = 10 * value + Int(bytes[index] - 0x30)
      index += 1
    }
    return index > start ? value : nil
  }
}
