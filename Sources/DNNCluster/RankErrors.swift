/// Why processes that belong together cannot work together.
public enum LaunchError: Error, CustomStringConvertible, Equatable {
  /// This program cannot speak to the others.
  case withoutMPI(rankCount: Int)
  /// What started the processes has not told MPI so.
  case apart(rankCount: Int)
  /// MPI does not start.
  case noStart
  /// MPI was built for one thread.
  case noThreads

  /// What is wrong and what to do.
  public var description: String {
    switch self {
    case .withoutMPI(let count):
      "\(count) processes were started, but this program was built for one: build it with --traits MPI"
    case .apart(let count):
      "\(count) processes were started, but each is alone to MPI: start them with the mpirun of the MPI that this program was "
        + "built with, or with srun --mpi=pmix"
    case .noStart: "MPI does not start"
    case .noThreads: "this MPI cannot be called by different threads: take one with MPI_THREAD_SERIALIZED"
    }
  }
}

/// What went wrong on another rank.
public struct RankError: Error, CustomStringConvertible {
  let rank: String
  let reason: String

  /// The rank, its machine and what is wrong.
  public var description: String { "\(rank): \(reason)" }

  /// An error of a rank that its name stands for.
  public init(rank: String, reason: String) { (self.rank, self.reason) = (rank, reason) }
}

/// Ranks that would not come to the same result.
public struct RanksDifferError: Error, CustomStringConvertible {
  let difference: String

  /// Which ranks, how they differ and what to do.
  public var description: String {
    "\(difference): give all ranks the same program, options and data; where their processors differ, set "
      + "DNN_INSTRUCTION_SET to what all have"
  }
}
