import DNNModel
import Foundation
import Testing

@Suite struct FileReadingTests {
  private func expectError(_ path: String, _ reason: String) {
    do {
      _ = try readFile(path)
      Issue.record("\(path) was read")
    } catch { #expect(error.description.contains(path) && error.description.hasSuffix(reason), "\(error)") }
  }

  @Test func regularFiles() throws {
    let folder = try TemporaryFolder()
    for count in [0, 1, 65_535, 65_536, 65_537, 1_000_000] {
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
      #expect(try readFile(folder.write("\(count)", bytes)) == bytes, "\(count) bytes")
    }
    // Its size says nothing of what is in it.
    #expect(try String(decoding: readFile("/proc/self/status"), as: UTF8.self).contains("\nPid:"))
  }

  @Test("what may have no end is not begun with")
  func others() throws {
    let folder = try TemporaryFolder()
    let pipe = folder.path + "/pipe"
    #expect(mkfifo(pipe, 0o600) == 0)
    expectError(pipe, "it is not a regular file")
    expectError("/dev/zero", "it is not a regular file")
    expectError(folder.path, "it is a folder, not a file")
    expectError(folder.path + "/none", "No such file or directory")
    let large = try folder.write("large", [])
    truncate(large, 1 << 40)
    expectError(large, "it is larger than 4294967296 bytes")
  }

  @Test func pipesEndWhereTheLimitIs() throws {
    for (count, isAllowed) in [(0, true), (1000, true), (1001, false)] {
      var ends: [Int32] = [0, 0]
      #expect(pipe(&ends) == 0)
      let bytes = [UInt8](repeating: 7, count: count)
      #expect(write(ends[1], bytes, count) == count)
      close(ends[1])
      defer { close(ends[0]) }
      #expect((try? readAll(ends[0], "a pipe", atMost: 1000)) == (isAllowed ? bytes : nil), "\(count) bytes")
    }
  }
}
