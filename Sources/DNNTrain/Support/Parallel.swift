import Dispatch
import Synchronization

/// Runs tasks on a fixed number of threads; what a task computes must not depend on the worker that runs it.
///
/// The threads are Dispatch's: they outlive the calls, so that a call costs microseconds, and there are never more of them than
/// processors.
final class Parallel {
  let workerCount: Int
  private let nextTask = Atomic(0)

  /// - Parameter workers: at least 1.
  init(workers: Int) { workerCount = workers }

  /// Runs `body` for tasks 0 to `tasks` - 1 and returns when all are done. Tasks go to whichever worker is free.
  ///
  /// - Parameter body: takes a task and the worker it runs on, which runs one task at a time.
  func forEach(_ tasks: Int, _ body: (_ task: Int, _ worker: Int) -> Void) {
    nextTask.store(0, ordering: .relaxed)
    let work = { (worker: Int) in
      while true {
        let task = self.nextTask.wrappingAdd(1, ordering: .relaxed).oldValue
        if task >= tasks { return }
        body(task, worker)
      }
    }
    let workers = min(workerCount, tasks)
    if workers <= 1 { work(0) } else { DispatchQueue.concurrentPerform(iterations: workers, execute: work) }
  }
}
