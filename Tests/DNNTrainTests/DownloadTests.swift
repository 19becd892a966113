import Foundation
import Testing

@testable import DNNTrain

/// Data sets that are fetched, from a server on loopback.
@Suite(.serialized) struct DownloadTests {
  private let served: TemporaryFolder
  private let cache: TemporaryFolder
  private let server: Server

  init() throws {
    served = try TemporaryFolder()
    cache = try TemporaryFolder()
    server = try Server(folder: served.path)
    for (name, bytes) in [
      ("train-images-idx3-ubyte.gz", images), ("train-labels-idx1-ubyte.gz", labels),
      ("t10k-images-idx3-ubyte.gz", images), ("t10k-labels-idx1-ubyte.gz", labels),
    ] { try served.compress(bytes, to: name) }
  }

  private let labels: [UInt8] = [0, 0, 8, 1, 0, 0, 0, 3, 2, 0, 1]
  /// Noise, which stays as long in gzip.
  private let images: [UInt8] = {
    var generator = RandomGenerator(RandomKey(seed: 1))
    return [0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0, 100, 0, 0, 0, 100]
      + (0..<30_000).map { _ in UInt8(generator.index(below: 256)) }
  }()

  private func sha256(_ bytes: [UInt8]) -> String {
    var hash = SHA256()
    hash.update(bytes)
    return hash.hexadecimal()
  }

  private static let names = ["train-images", "train-labels", "t10k-images", "t10k-labels"].map {
    "\($0)-idx\($0.hasSuffix("images") ? 3 : 1)-ubyte.gz"
  }

  /// By the hashes of the contents, or of the files as they are served.
  private func dataset(_ mirrors: [String], byFile: Bool = false) throws -> PublishedDataset {
    PublishedDataset(
      name: "noise", mirrors: mirrors,
      files: try Self.names.map { name in
        let file = [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(served.path)/\(name)")))
        let contents = name.contains("images") ? images : labels
        return PublishedDataset.File(
          name: name,
          digest: byFile
            ? .file(size: file.count, sha256: sha256(file)) : .contents(sha256: sha256(contents)))
      })
  }

  private func fetch(_ dataset: PublishedDataset) throws -> String {
    try dataset.folder(environment: ["XDG_CACHE_HOME": cache.path]) { _ in }
  }

  /// The reasons that a data set cannot be fetched for.
  private func reasons(_ dataset: PublishedDataset) throws -> [String] {
    do {
      _ = try fetch(dataset)
      return []
    } catch DataError.notFetched("noise", let reasons, let folder) {
      #expect(folder == cache.path + "/mnistinfer/noise")
      #expect(!FileManager.default.fileExists(atPath: folder + "/" + Self.names[0]))
      return reasons
    }
  }

  /// Puts other bytes in place of the training images.
  private func damage(_ change: (inout [UInt8]) -> Void) throws {
    let path = "\(served.path)/\(Self.names[0])"
    var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    change(&bytes)
    try served.write(bytes, to: Self.names[0])
  }

  @Test("without XDG_CACHE_HOME, the cache is in the home folder that the environment names")
  func home() throws {
    let home = try TemporaryFolder()
    let folder = home.path + "/.cache/mnistinfer/noise"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for name in Self.names { try home.write([0], to: ".cache/mnistinfer/noise/\(name)") }
    // It has all files, so nothing is asked for.
    let environment = ["HOME": home.path, "XDG_CACHE_HOME": "not/absolute"]
    #expect(try dataset([]).folder(environment: environment) { _ in } == folder)
  }

  @Test("fetched once, then taken from the cache", arguments: [false, true])
  func once(byFile: Bool) throws {
    let dataset = try dataset([server.address("")], byFile: byFile)
    let folder = try fetch(dataset)
    let data = try IDXFolder(path: folder, classCount: 3)
    #expect(data.training.labels == [2, 0, 1] && data.test?.images == Array(images[16...]))
    server.stop()
    #expect(try fetch(dataset) == folder)
    #expect(server.requests == Self.names.map { "/\($0) all" })
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == ([".lock"] + Self.names).sorted())
  }

  @Test("a connection that is lost half-way goes on there")
  func resumption() throws {
    let half = try Data(contentsOf: URL(fileURLWithPath: "\(served.path)/\(Self.names[0])")).count / 2
    _ = try fetch(dataset([server.address("cut/")]))
    server.stop()
    #expect(Array(server.requests.prefix(2)) == ["/cut/\(Self.names[0]) all", "/cut/\(Self.names[0]) \(half)"])
  }

  @Test("where an attempt cannot go on, it starts again", arguments: ["whole/", ""])
  func startingAgain(mode: String) throws {
    // What is there is no part of the file, so that going on gives another one.
    let folder = cache.path + "/mnistinfer/noise"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try Data([1, 2, 3]).write(to: URL(fileURLWithPath: "\(folder)/.\(Self.names[0]).part"))
    let data = try IDXFolder(path: fetch(dataset([server.address(mode)])), classCount: 3)
    #expect(data.training.images == Array(images[16...]))
    server.stop()
    #expect(Array(server.requests.prefix(2)) == ["/\(mode)\(Self.names[0]) 3", "/\(mode)\(Self.names[0]) all"])
  }

  @Test("a mirror without the file, one that is gone, and then one that has it")
  func mirrors() throws {
    let gone = try Server(folder: served.path)
    gone.stop()
    _ = try fetch(dataset([server.address("none/"), gone.address(""), server.address("")]))
  }

  @Test("what is wrong with each mirror is said, and nothing that is wrong is kept")
  func failures() throws {
    let (byContents, byFile) = try (dataset([server.address("")]), dataset([server.address("")], byFile: true))
    func expect(_ text: String, _ dataset: PublishedDataset) throws {
      let reasons = try reasons(dataset)
      #expect(reasons.count == 1 && reasons[0].hasPrefix(server.address("")), "\(reasons)")
      #expect(reasons[0].contains(text), "\(reasons)")
    }
    try damage { $0.removeLast(4) }
    try expect("bytes instead of", byFile)
    try expect("damaged", byContents)
    try damage { $0 += [0, 0, 0, 0] }
    try expect("SHA-256", byFile)
    var other = images
    other[1000] ^= 1
    try served.compress(other, to: Self.names[0])
    try expect("this is another file", byContents)
    try served.write(Array("<html>Please log in</html>".utf8), to: Self.names[0])
    try expect("this is not an IDX file", byContents)
    try FileManager.default.removeItem(atPath: "\(served.path)/\(Self.names[0])")
    try expect("404", byContents)
    server.stop()
    try expect("connect", byContents)
    #expect(
      try !FileManager.default.contentsOfDirectory(atPath: cache.path + "/mnistinfer/noise").contains(Self.names[0]))
  }

  @Test("a cache that cannot be made says so")
  func cacheFolder() throws {
    let file = try cache.write([], to: "file")
    #expect(throws: DataError.self) {
      try dataset([server.address("")]).folder(environment: ["XDG_CACHE_HOME": file]) { _ in }
    }
  }

  @Test("a folder of the name comes first, then the names, then nothing")
  func names() throws {
    guard case .published(.mnist) = try DataSource("mnist"), case .synthetic = try DataSource("synthetic"),
      case .path(cache.path) = try DataSource(cache.path)
    else {
      Issue.record("a name is taken for something else")
      return
    }
    #expect(throws: DataError.self) { try DataSource("mnist/") }
    #expect(throws: DataError.self) { try DataSource("./fashion-mnist") }
  }
}

/// Tests/mirror.py.
private final class Server {
  private let process = Process()
  private let output = Pipe()
  private let port: String
  /// Once it is stopped.
  private(set) var requests: [String] = []

  init(folder: String) throws {
    // Whatever proxy there is, it is not for this.
    setenv("no_proxy", "127.0.0.1", 1)
    let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3", tests.appendingPathComponent("mirror.py").path, folder]
    process.standardOutput = output
    try process.run()
    var line = Data()
    while let byte = try output.fileHandleForReading.read(upToCount: 1), byte != Data("\n".utf8) { line += byte }
    port = String(decoding: line, as: UTF8.self)
  }

  func address(_ folder: String) -> String { "http://127.0.0.1:\(port)/\(folder)" }

  func stop() {
    if !process.isRunning { return }
    // A thread of the tests' own may have all other signals blocked, and with it what it starts.
    kill(process.processIdentifier, SIGKILL)
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    requests = text.split(separator: "\n").map(String.init)
    process.waitUntilExit()
  }

  deinit { stop() }
}
