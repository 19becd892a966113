import Dispatch
import MNISTInfer

/// Does pieces of work on several threads, each taking the next piece, and hands over what comes of them in their order, as soon
/// as it is there. Threads never get further ahead of what was handed over than `reach` pieces each, so that memory is
/// bounded.
///
/// - Parameters:
///   - count: how many pieces.
///   - workers: what each thread works with.
///   - work: does a piece; runs on all threads at once.
///   - deliver: takes what came of a piece; never called by two threads at once.
/// - Throws: what `deliver` throws, after which it is not called again; `Failure` if memory runs out.
func inOrder<Worker, Result>(
  _ count: Int, workers: [Worker], work: (Int, Worker) -> Result, deliver: (Result) throws -> Void
) throws {
  let reach = 64
  // The compiler cannot see that the lock guards everything that threads share, and that they share no worker.
  nonisolated(unsafe) let (work, deliver, workers) = (work, deliver, workers)
  nonisolated(unsafe) var results = [Result?](repeating: nil, count: reach * workers.count)
  nonisolated(unsafe) var (taken, delivered, isDelivering) = (0, 0, false)
  nonisolated(unsafe) var failure: (any Error)?
  let lock = try Mutex()
  DispatchQueue.concurrentPerform(iterations: workers.count) { number in
    lock.lock()
    while taken < count && failure == nil {
      if taken - delivered == results.count {
        lock.wait()
        continue
      }
      let piece = taken
      taken += 1
      lock.unlock()
      let result = work(piece, workers[number])
      lock.lock()
      results[piece % results.count] = result
      if isDelivering { continue }
      isDelivering = true
      while let next = results[delivered % results.count] {
        results[delivered % results.count] = nil
        lock.unlock()
        let outcome = Swift.Result { try deliver(next) }
        lock.lock()
        delivered += 1
        if case .failure(let error) = outcome {
          failure = error
          break
        }
      }
      isDelivering = false
      lock.wakeAll()
    }
    lock.unlock()
  }
  if let failure { throw failure }
}
