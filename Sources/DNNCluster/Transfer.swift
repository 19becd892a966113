import Glibc

#if MPI
  import CMPI
#endif

/// How much each rank has of something that all are to have: one rank's bytes after the other's.
public final class Portions {
  /// By rank. MPI reads them until a transfer is done, so they stay where they are.
  let counts, offsets: UnsafeMutablePointer<Int32>

  /// - Parameter byteCounts: by rank; less than 2 GB together.
  public init(byteCounts: [Int]) {
    counts = .allocate(capacity: byteCounts.count)
    offsets = .allocate(capacity: byteCounts.count)
    var end = 0
    for (rank, count) in byteCounts.enumerated() {
      (counts[rank], offsets[rank]) = (Int32(count), Int32(end))
      end += count
    }
  }

  deinit {
    counts.deallocate()
    offsets.deallocate()
  }
}

/// Messages under way. The memory that they go from and to is not to be touched until they are done.
///
/// Between any two ranks messages arrive in the order in which they were sent.
public struct Transfer {
  #if MPI
    private var requests: [mpi_request] = []
  #endif
  private var portions: [Portions] = []

  /// Nothing under way.
  public init() {}

  /// Sends floats to a rank.
  public mutating func send(_ values: UnsafePointer<Float>, count: Int, to rank: Int) {
    #if MPI
      start("MPI_Isend to rank \(rank)") { mpi_isend_floats(values, Int32(count), Int32(rank), $0) }
    #endif
  }

  /// Receives floats from a rank, which sends as many.
  public mutating func receive(_ values: UnsafeMutablePointer<Float>, count: Int, from rank: Int) {
    #if MPI
      start("MPI_Irecv from rank \(rank)") { mpi_irecv_floats(values, Int32(count), Int32(rank), $0) }
    #endif
  }

  /// Gives all ranks all portions; each has its own already, at its place.
  public mutating func gather(into bytes: UnsafeMutableRawPointer, _ portions: Portions) {
    #if MPI
      self.portions.append(portions)
      start("MPI_Iallgatherv") { mpi_iallgatherv_bytes(bytes, portions.counts, portions.offsets, $0) }
    #endif
  }

  /// Gives all ranks the root's bytes.
  public mutating func broadcast(_ bytes: UnsafeMutableRawBufferPointer) {
    #if MPI
      start("MPI_Ibcast") { mpi_ibcast_bytes(bytes.baseAddress, Int32(bytes.count), 0, $0) }
    #endif
  }

  /// Waits until all is done.
  ///
  /// - Parameter isBusy: whether others need this processor more; then messages are looked after only now and then.
  public mutating func wait(isBusy: () -> Bool = { false }) {
    #if MPI
      while !isDone() {
        // A third of what a message takes over Ethernet.
        if isBusy() { usleep(20) } else { sched_yield() }
      }
      (requests, portions) = ([], [])
    #endif
  }

  #if MPI
    private mutating func isDone() -> Bool {
      var isDone: Int32 = 0
      Transfer.check(mpi_testall(Int32(requests.count), &requests, &isDone), "MPI_Testall")
      return isDone != 0
    }

    private mutating func start(_ name: String, _ operation: (UnsafeMutablePointer<mpi_request>) -> Int32) {
      var request = mpi_request()
      Transfer.check(operation(&request), name)
      requests.append(request)
    }

    /// Nothing can be done without the others: ends all ranks with a message.
    private static func check(_ error: Int32, _ name: String) {
      if error == 0 { return }
      var text = [CChar](repeating: 0, count: Int(mpi_longest_text))
      var length: Int32 = 0
      MPI_Error_string(error, &text, &length)
      let reason = String(decoding: text.prefix(Int(length)).map(UInt8.init(bitPattern:)), as: UTF8.self)
      let program = CommandLine.arguments[0].split(separator: "/").last ?? ""
      let line = Array("\(program): \(name): \(reason)\n".utf8)
      _ = write(2, line, line.count)
      mpi_abort(1)
      exit(1)
    }

    /// Whether all ranks come here in time.
    static func meet(_ communicator: mpi_communicator, within time: Duration) -> Bool {
      var transfer = Transfer()
      transfer.start("MPI_Ibarrier") { mpi_ibarrier(communicator, $0) }
      let end = ContinuousClock.now + time
      while ContinuousClock.now < end {
        if transfer.isDone() { return true }
        usleep(1000)
      }
      return false
    }
  #endif
}
