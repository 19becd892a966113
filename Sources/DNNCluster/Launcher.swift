/// What starts the ranks, as far as it shows in the environment: mpirun, a PMIx server as that of Slurm, or a PMI one.
enum Launcher {
  /// Whether a launcher has started this process. Starting MPI without one takes long, and may fail.
  static func isThere(_ environment: [String: String]) -> Bool {
    ["OMPI_COMM_WORLD_SIZE", "PMIX_RANK", "PMI_RANK"].contains { environment[$0] != nil }
  }

  /// Processes that would each take themselves for the only one would write the same file.
  static func check(rankCount: Int, _ environment: [String: String]) throws {
    let started = ["OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS"].lazy.compactMap { environment[$0] }.first
    guard let started = started.flatMap({ Int($0) }), started > 1, rankCount == 1 else { return }
    #if MPI
      throw LaunchError.apart(rankCount: started)
    #else
      throw LaunchError.withoutMPI(rankCount: started)
    #endif
  }
}
