import DNNModel
import Foundation
import Testing

@Suite struct AtomicFileTests {
  private func contents(_ folder: TemporaryFolder) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
  }

  @Test func writesAndReplaces() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/model.dnn"
    for bytes in [[1, 2, 3], [], [UInt8](repeating: 7, count: 100_000)] as [[UInt8]] {
      try writeAtomically(bytes, to: path)
      #expect(try Array(Data(contentsOf: URL(fileURLWithPath: path))) == bytes)
      #expect(try contents(folder) == ["model.dnn"])
    }
    let rights = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    let other = try folder.write("other", [1])
    let usual = try FileManager.default.attributesOfItem(atPath: other)[.posixPermissions] as? Int
    #expect(rights == usual)
  }

  @Test func failureLeavesTheOldFileAndNothingElse() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("model.dnn", [1, 2, 3])
    // A file larger than the process may write: the same as a full disk. The limit is far above what other tests, which run
    // at the same time, write.
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
    let previous = limit
    signal(SIGXFSZ, SIG_IGN)
    limit.rlim_cur = 64 << 20
    setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
    let result = Result { try writeAtomically([UInt8](repeating: 1, count: 65 << 20), to: path) }
    var restored = previous
    setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &restored)
    #expect(throws: FileError.self) { try result.get() }
    #expect(try Array(Data(contentsOf: URL(fileURLWithPath: path))) == [1, 2, 3])
    #expect(try contents(folder) == ["model.dnn"])
  }

  @Test("what a killed writer left goes; what is locked is still being written")
  func abandonedFilesAreRemoved() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write(".mnistinfer-abc123", [1])
    let busy = open(try folder.write(".mnistinfer-def456", [2]), O_RDONLY)
    defer { close(busy) }
    #expect(flock(busy, LOCK_EX) == 0)
    #expect(mkfifo(folder.path + "/.mnistinfer-pipe00", 0o600) == 0)
    _ = try folder.write(".mnistinfer", [3])
    try writeAtomically([4], to: folder.path + "/model.dnn")
    #expect(try contents(folder) == [".mnistinfer", ".mnistinfer-def456", "model.dnn"])
  }

  @Test("writers of one folder leave each other's files alone")
  func concurrentWriters() async throws {
    let folder = try TemporaryFolder()
    let root = folder.path
    await withTaskGroup(of: Void.self) { group in
      for writer in 0..<8 {
        group.addTask {
          for round in 0..<50 {
            let (path, bytes) = ("\(root)/\(writer)", [UInt8](repeating: UInt8(round), count: 1000 * writer))
            #expect(throws: Never.self, "writer \(writer), round \(round)") { try writeAtomically(bytes, to: path) }
            #expect((try? readFile(path)) == bytes, "writer \(writer), round \(round)")
          }
        }
      }
    }
    #expect(try contents(folder) == (0..<8).map { "\($0)" })
  }

  @Test func missingFolderIsNamed() {
    do {
      try writeAtomically([1], to: "/nonexistent/folder/model.dnn")
      Issue.record("written into a folder that does not exist")
    } catch {
      #expect("\(error)".contains("/nonexistent/folder/model.dnn: No such file or directory"), "\(error)")
    }
  }

  @Test func devicesAndPipesStayWhatTheyAre() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/pipe"
    #expect(mkfifo(path, 0o600) == 0)
    let reader = open(path, O_RDONLY | O_NONBLOCK)
    defer { close(reader) }
    try writeAtomically([1, 2, 3], to: path)
    var bytes = [UInt8](repeating: 0, count: 10)
    #expect(read(reader, &bytes, 10) == 3 && bytes.prefix(3) == [1, 2, 3])
    // Or else what comes next replaces a device of the system, if root does it.
    try #require(try contents(folder) == ["pipe"])
    #expect(throws: FileError.self) { try writeAtomically([1], to: "/dev/full") }
  }

  @Test func linksAreFollowed() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("model.dnn", [1])
    let link = folder.path + "/latest.dnn"
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: path)
    try writeAtomically([2, 3], to: link)
    #expect(try Array(Data(contentsOf: URL(fileURLWithPath: path))) == [2, 3])
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == path)
  }
}
