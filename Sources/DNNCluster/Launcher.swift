import DNNModel

/// What starts the ranks, as far as it shows in the environment: mpirun, a PMIx server as that of Slurm, or a PMI one.
enum Launcher {
  /// Whether a launcher has started this process. Starting MPI without one takes long, and may fail.
  static var isThere: Bool {
    ["OMPI_COMM_WORLD_SIZE", "PMIX_RANK", "PMI_RANK"].contains { environmentVariable($0) != nil }
  }

  /// Processes that would each take themselves for the only one would write the same file.
  static func check(rankCount: Int) throws {
    let counts = ["OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS"].compactMap(environmentVariable)
    guard let started = counts.first.flatMap({ Int($0) }), started > 1, rankCount == 1 else { return }
    #if MPI
      throw LaunchError.apart(rankCount: started)
    #else
      throw LaunchError.withoutMPI(rankCount: started)
    #endif
  }
}
