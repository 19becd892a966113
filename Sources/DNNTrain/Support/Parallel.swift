import Dispatch
import Synchronization

/// Runs tasks on a fixed number of threads; what a task computes must not depend on the worker that runs it.
///
/// The threads are Dispatch's: they outlive the calls, so that a call costs microseconds, and there are never more of them than
/// processors.
struct Parallel {
  /// At least 1.
  let workerCount: Int

  /// Runs `body` for tasks 0 to `tasks` - 1 and returns when all are done. Tasks go to whichever worker is free.
  ///
  /// - Parameters:
  ///   - tasks: how many.
  ///   - body: takes a task and the worker it runs on, which runs one task at a time.
  func forEach(_ tasks: Int, _ body: (_ task: Int, _ worker: Int) -> Void) {
    let nextTask = Atomic(0)
    // The compiler cannot see that tasks write to different memory.
    nonisolated(unsafe) let body = body
    DispatchQueue.concurrentPerform(iterations: min(workerCount, tasks)) { worker in
      while true {
        let task = nextTask.wrappingAdd(1, ordering: .relaxed).oldValue
        if task >= tasks { return }
        body(task, worker)
      }
    }
  }
}
