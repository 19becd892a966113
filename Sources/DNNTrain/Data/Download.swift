import DNNModel
import FoundationEssentials
import Glibc

/// One file of a published data set on its way into a folder. It has its name there only when all of it has come and is right;
/// until then it is `.NAME.part`, where the next attempt goes on.
///
/// The program `curl` does the fetching: it knows proxies, certificates and interrupted transfers, is on most systems, and costs
/// the tools that never fetch anything neither a library nor time to start, as FoundationNetworking would.
struct Download {
  private let file: PublishedDataset.File
  private let path: String
  private let part: String

  init(_ file: PublishedDataset.File, to folder: String) {
    self.file = file
    path = "\(folder)/\(file.name)"
    part = "\(folder)/.\(file.name).part"
  }

  /// Tries the mirrors until one has the file.
  ///
  /// - Parameters:
  ///   - mirrors: addresses of folders.
  ///   - note: takes a line for each attempt.
  /// - Returns: nothing once the file is there, otherwise what is wrong with each mirror.
  /// - Throws: `DataError.cannotWrite`, which no other mirror would help.
  func run(from mirrors: [String], note: (String) -> Void) throws -> [String] {
    var reasons: [String] = []
    for address in mirrors.map({ $0 + file.name }) {
      note("fetching \(address)")
      guard let reason = try fetch(address) else { return [] }
      reasons.append("\(address): \(reason)")
    }
    return reasons
  }

  /// Goes on where an attempt before this one ended; if that cannot be, starts again; if the connection is lost, goes on once
  /// more.
  ///
  /// - Returns: what is wrong, or nil.
  private func fetch(_ address: String) throws -> String? {
    var reason: String?
    for _ in 0..<2 {
      let goesOn = size > 0
      let failure = Curl.fetch(address, to: part, goesOn: goesOn)
      reason = failure?.reason ?? mistake
      switch failure {
      case nil where reason == nil:
        try keep()
        return nil
      case .some(let failure) where failure.isLocal: throw DataError.cannotWrite(path: part, reason: failure.reason)
      case .some(let failure) where failure.isInterruption: continue
      default:
        try? FileManager.default.removeItem(atPath: part)
        if !goesOn { return reason }
      }
    }
    return reason
  }

  private var size: Int {
    (try? FileManager.default.attributesOfItem(atPath: part)[.size] as? Int).flatMap(\.self) ?? 0
  }

  /// What is wrong with the bytes that came, or nil.
  private var mistake: String? {
    let expected: String
    var hash = SHA256()
    switch file.digest {
    case .file(let size, let sha256):
      guard self.size == size else { return "it has \(self.size) bytes instead of \(size)" }
      guard let bytes = try? readFile(part) else { return "it cannot be read" }
      hash.update(bytes)
      expected = sha256
    case .contents(let sha256):
      do {
        hash.update(try IDXFile(path: part, file.kind).bytes)
      } catch {
        return "\(error)"
      }
      expected = sha256
    }
    let actual = hash.hexadecimal()
    return actual == expected ? nil : "its SHA-256 is \(actual) instead of \(expected): this is another file"
  }

  /// Gives the file its name, once its bytes are on the disk.
  private func keep() throws {
    let descriptor = open(part, O_RDONLY | O_CLOEXEC)
    defer { close(descriptor) }
    guard descriptor >= 0, fsync(descriptor) == 0, rename(part, path) == 0 else {
      throw DataError.cannotWrite(path: path, reason: String(cString: strerror(errno)))
    }
  }
}

/// The program `curl`.
private enum Curl {
  struct Failure {
    /// As curl says it.
    let reason: String
    private let status: Int32

    init(status: Int32, _ reason: String) { (self.status, self.reason) = (status, reason) }

    /// Whether what is wrong is here and not there: the file cannot be written.
    var isLocal: Bool { status == 23 }
    /// Whether some of the file may have come: it was cut off, took too long, or the connection was lost.
    var isInterruption: Bool { [18, 28, 56].contains(status) }
  }

  /// - Returns: nil if the server sent all that it wanted to.
  static func fetch(_ address: String, to path: String, goesOn: Bool) -> Failure? {
    let words =
      ["curl", "--fail", "--location", "--silent", "--show-error", "--proto", "=http,https", "--connect-timeout", "20"]
      // Slower than a kilobyte a second for half a minute is a connection that was lost.
      + ["--speed-limit", "1000", "--speed-time", "30", "--max-filesize", "\(largestSize)"]
      + (goesOn ? ["--continue-at", "-"] : []) + ["--output", path, "--", address]
    let curl: ChildProgram
    do {
      curl = try ChildProgram(running: words)
    } catch {
      let reason = String(cString: strerror(error.code))
      return Failure(
        status: -1,
        error.code == ENOENT ? "the program curl is missing: install it" : "curl cannot be started: \(reason)")
    }
    if curl.status == 0 { return nil }
    let reason = curl.messages.trimmed(of: \.isWhitespace)
    return Failure(status: curl.status, reason.isEmpty ? "curl ended with status \(curl.status)" : reason)
  }

  /// Far above any file of these data sets, far below what fills a disk.
  private static let largestSize = 1 << 28
}
