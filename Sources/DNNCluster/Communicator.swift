import DNNModel
import Glibc
import MNISTInfer

#if MPI
  import CMPI
#endif

/// The processes that work on one task: ranks, as MPI calls them, numbered from 0. Rank 0, the root, is the one that speaks and
/// writes.
///
/// A process that nothing like mpirun has started is alone, and so is every process of a build without the trait MPI. Functions
/// that exchange something are to be called by all ranks, in the same order and by one thread at a time.
public struct Communicator: Sendable {
  /// This process.
  public let rank: Int
  /// By rank: the name of its machine.
  public let hosts: [String]
  /// Processors of this machine that are this process's share.
  public let processorShare: Int
  #if MPI
    private var ending: mpi_communicator?
  #endif

  /// This process, whoever else there is.
  public static let alone = Communicator(rank: 0, hosts: [thisHost()], processorShare: processorCount())

  /// This process for work of its own.
  public var apart: Communicator { Communicator(rank: 0, hosts: [hosts[rank]], processorShare: processorShare) }

  /// Whether there are no others.
  public var isAlone: Bool { hosts.count == 1 }

  /// Whether this is rank 0.
  public var isRoot: Bool { rank == 0 }

  /// How many processes there are.
  public var rankCount: Int { hosts.count }

  /// "rank 2 on HOST", for messages.
  public func name(ofRank rank: Int) -> String { "rank \(rank) on \(hosts[rank])" }

  /// This rank's part of what all share.
  public func share(of count: Int) -> Range<Int> {
    Communicator.share(of: count, rank: rank, rankCount: rankCount)
  }

  /// A rank's part of what all share: neighbours, as evenly as it goes, in the order of the ranks; of one
  /// thing, the root has it.
  public static func share(of count: Int, rank: Int, rankCount: Int) -> Range<Int> {
    func bound(_ rank: Int) -> Int { (rank * count + rankCount - 1) / rankCount }
    return bound(rank)..<bound(rank + 1)
  }

  /// Meets the processes that the same command has started; to be called once.
  ///
  /// - Throws: `LaunchError` if they cannot meet.
  public static func join() throws -> Communicator {
    #if MPI
      guard Launcher.isThere else {
        try Launcher.check(rankCount: 1)
        return .alone
      }
      var (rank, rankCount, level): (Int32, Int32, Int32) = (0, 0, 0)
      var ending = mpi_communicator()
      guard mpi_start(&rank, &rankCount, &level, &ending) == 0 else { throw LaunchError.noStart }
      guard level >= mpi_thread_serialized else { throw LaunchError.noThreads }
      try Launcher.check(rankCount: Int(rankCount))
      var ranks = Communicator(rank: Int(rank), rankCount: Int(rankCount))
      ranks.ending = ending
      return ranks
    #else
      try Launcher.check(rankCount: 1)
      return .alone
    #endif
  }

  private init(rank: Int, hosts: [String], processorShare: Int) {
    (self.rank, self.hosts, self.processorShare) = (rank, hosts, processorShare)
  }

  /// Ranks on one machine that may run on the same processors share them.
  private init(rank: Int, rankCount: Int) {
    let unknown = Communicator(rank: rank, hosts: Array(repeating: "", count: rankCount), processorShare: 1)
    let host = unknown.gather(Array(thisHost().utf8)).map { String(decoding: $0, as: UTF8.self) }
    let allowed = unknown.gather(Array(allowedProcessors().utf8))
    let sharing = (0..<rankCount).count { host[$0] == host[rank] && allowed[$0] == allowed[rank] }
    self.init(rank: rank, hosts: host, processorShare: max(processorCount() / sharing, 1))
  }

  // MARK: - Exchange

  /// Collects what the ranks have.
  ///
  /// - Parameter own: this rank's; less than 2 GB of all together.
  /// - Returns: by rank, what each gave; the same on all.
  public func gather<Element: BitwiseCopyable>(_ own: [Element]) -> [[Element]] {
    if isAlone { return [own] }
    let counts = gatherOne(own.count)
    var all = [Element](unsafeUninitializedCapacity: counts.reduce(0, +)) { all, count in
      let start = counts[..<rank].reduce(0, +)
      for (index, element) in own.enumerated() { all.initializeElement(at: start + index, to: element) }
      count = counts.reduce(0, +)
    }
    all.withUnsafeMutableBytes { gather(into: $0, counts.map { $0 * MemoryLayout<Element>.stride }) }
    var rest = all[...]
    return counts.map { count in
      defer { rest = rest.dropFirst(count) }
      return Array(rest.prefix(count))
    }
  }

  private func gatherOne(_ number: Int) -> [Int] {
    var numbers = [Int](repeating: number, count: rankCount)
    numbers.withUnsafeMutableBytes {
      gather(into: $0, Array(repeating: MemoryLayout<Int>.size, count: rankCount))
    }
    return numbers
  }

  private func gather(into bytes: UnsafeMutableRawBufferPointer, _ counts: [Int]) {
    guard let start = bytes.baseAddress else { return }
    var transfer = Transfer()
    transfer.gather(into: start, Portions(byteCounts: counts))
    transfer.wait()
  }

  /// Gives all ranks what the root has.
  ///
  /// - Parameter own: the root's counts.
  /// - Returns: the root's.
  public func broadcast(_ own: [UInt8]) -> [UInt8] {
    if isAlone { return own }
    var bytes = own
    let count = gatherOne(own.count)[0]
    if !isRoot { bytes = Array(repeating: 0, count: count) }
    // MPI counts in 32 bits.
    let longest = 1 << 30
    bytes.withUnsafeMutableBytes { all in
      for start in stride(from: 0, to: count, by: longest) {
        var transfer = Transfer()
        transfer.broadcast(UnsafeMutableRawBufferPointer(rebasing: all[start..<min(start + longest, count)]))
        transfer.wait()
      }
    }
    return bytes
  }

  /// The root's answer to a question.
  public func isAskedOfRoot(_ own: Bool) -> Bool { isAlone ? own : broadcast([own ? 1 : 0]) == [1] }

  /// Does what may fail on some ranks only, as reading a file.
  ///
  /// - Parameter body: exchanges nothing.
  /// - Returns: what `body` returns.
  /// - Throws: what `body` throws here, or `RankError` if it throws on another rank: on all ranks, or on none.
  public func together<Result>(_ body: () throws -> Result) throws -> Result {
    if isAlone { return try body() }
    let own = Swift.Result(catching: body)
    var text = ""
    if case .failure(let error) = own { text = "\(error)" }
    let texts = gather(Array(text.utf8))
    guard let failing = texts.firstIndex(where: { !$0.isEmpty }) else { return try own.get() }
    if failing == rank { _ = try own.get() }
    throw RankError(rank: name(ofRank: failing), reason: String(decoding: texts[failing], as: UTF8.self))
  }

  /// Makes sure that all ranks would come to the same result.
  ///
  /// - Parameter settings: what decides it, by name; on one line each.
  /// - Throws: `RanksDifferError` on all ranks.
  public func agree(on settings: [String: String]) throws {
    if isAlone { return }
    let own = settings.map { "\($0) \($1)" }.sorted().joined(separator: "\n")
    let all = gather(Array(own.utf8)).map {
      String(decoding: $0, as: UTF8.self).split(separator: "\n").map(String.init)
    }
    func difference(_ rank: Int, from other: Int) -> String {
      let lines = all[rank].filter { !all[other].contains($0) }
      return "\(name(ofRank: rank)) has \(lines.isEmpty ? "nothing" : lines.joined(separator: ", "))"
    }
    guard let other = all.indices.first(where: { all[$0] != all[0] }) else { return }
    throw RanksDifferError(difference: "\(difference(other, from: 0)), where \(difference(0, from: other))")
  }

  // MARK: - The end

  /// Parts from the other ranks, which do the same.
  public func leave() {
    #if MPI
      if !isAlone { MPI_Finalize() }
    #endif
  }

  /// Whether all ranks come to a call of this within a second: an error that each meets by itself, as one in the command line,
  /// is an error of the task and not of one rank. No rank may be inside any exchange.
  public func isMetByAll() -> Bool {
    #if MPI
      return ending.map { Transfer.meet($0, within: .seconds(1)) } ?? true
    #else
      return true
    #endif
  }

  /// Ends all ranks at once.
  public func abort(status: Int32) -> Never {
    #if MPI
      if !isAlone { mpi_abort(status) }
    #endif
    exit(status)
  }
}

#if MPI
  // A handle, which MPI keeps valid for all threads.
  extension mpi_communicator: @unchecked @retroactive Sendable {}
#endif

private func thisHost() -> String {
  var name = [CChar](repeating: 0, count: 256)
  gethostname(&name, name.count - 1)
  return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
}

/// The processors that this process may run on, in the kernel's words: mpirun may bind each rank to some.
private func allowedProcessors() -> String {
  let status = (try? readFile("/proc/self/status")) ?? []
  let lines = String(decoding: status, as: UTF8.self).split(separator: "\n")
  return lines.first { $0.hasPrefix("Cpus_allowed_list") }.map(String.init) ?? ""
}
