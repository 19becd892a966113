import CPlatform
import Synchronization

/// What a `dnn_session` points to: an arena and threads for one caller at a time.
package struct Session: ~Copyable {
  package let model: Model.Handle
  let plan: UnsafeMutablePointer<Plan>
  private let pool: WorkerPool
  /// An arena of a chunk for each thread, then a thread's scratch memory for each.
  let memory: Buffer<UInt8>
  /// One picture of the input shape, for pictures that have to be prepared, and its probabilities.
  package let picture: Buffer<UInt8>
  package let probabilities: Buffer<Float>
  private let arenaSize: Int
  private let scratchSize: Int

  package static let maximumThreads = 256

  /// With 1 to `maximumThreads` threads, or for 0 as many as this process may use.
  package init(_ model: Model.Handle, threads: Int) throws(Failure) {
    let count = threads == 0 ? min(processorCount(), Session.maximumThreads) : threads
    let plan = try model.pointee.sharedPlan()
    // An arena of 2^30 bytes, a chunk of 32 and 256 threads fit 64 bits.
    let arena = Int64(plan.pointee.arenaSize) * Int64(plan.pointee.chunk)
    let size = (arena + Int64(plan.pointee.tables.scratchSize)) * Int64(count)
    let limit = model.pointee.limits.memory
    let total = UInt64(size) + plan.pointee.tables.size
    guard total <= limit, let size = Int(exactly: size) else {
      throw Failure(
        .outOfMemory,
        "\(count) threads of this model take \(total) bytes, over the limit of \(limit): open the session with fewer, or raise largest_memory"
      )
    }
    let memory = try Buffer<UInt8>(count: size)
    let picture = try Buffer<UInt8>(count: model.pointee.network.input.count)
    let probabilities = try Buffer<Float>(count: plan.pointee.classCount)
    let pool = try WorkerPool.make(count: count)
    Model.retain(model)
    self.model = model
    self.plan = plan
    self.memory = memory
    self.picture = picture
    self.probabilities = probabilities
    self.pool = pool
    arenaSize = Int(arena)
    scratchSize = plan.pointee.tables.scratchSize
  }

  deinit { Model.release(model) }

  package var threadCount: Int { pool.count }

  /// All of the work on a chunk, for the calling thread.
  var soloExecution: Execution {
    Execution(plan: plan, arena: memory.start, scratch: memory.start + pool.count * arenaSize, part: 0, parts: 1)
  }

  /// Classifies `count` pictures of the input shape.
  ///
  /// A few pictures are computed one chunk after another by all threads together; many are shared out chunk by chunk, so that
  /// threads need not wait for each other. The results are the same.
  package func predict(
    _ pictures: UnsafePointer<UInt8>, count: Int, probabilities: UnsafeMutablePointer<Float>
  ) {
    let threads = pool.presentCount
    let run = Run(session: self, threads: threads, pictures: pictures, count: count, probabilities: probabilities)
    withUnsafePointer(to: run) { run in
      pool.run(parts: threads, UnsafeMutableRawPointer(mutating: run)) { context, part in
        context.assumingMemoryBound(to: Run.self).pointee.work(part)
      }
    }
  }

  /// One call of `predict`, as its threads see it.
  private struct Run: ~Copyable {
    let plan: UnsafeMutablePointer<Plan>
    let normalisation: NormalisationRecord
    let memory: UnsafeMutablePointer<UInt8>
    let arenaSize: Int
    let scratchSize: Int
    let threads: Int
    let pictures: UnsafePointer<UInt8>
    let pictureSize: Int
    let count: Int
    let probabilities: UnsafeMutablePointer<Float>
    let chunk: Int
    let isShared: Bool
    let nextChunk = Atomic<Int>(0)
    let barrier: Barrier

    init(
      session: borrowing Session, threads: Int, pictures: UnsafePointer<UInt8>, count: Int,
      probabilities: UnsafeMutablePointer<Float>
    ) {
      plan = session.plan
      normalisation = session.model.pointee.normalisation
      memory = session.memory.start
      arenaSize = session.arenaSize
      scratchSize = session.scratchSize
      self.threads = threads
      self.pictures = pictures
      pictureSize = session.model.pointee.network.input.count
      self.count = count
      self.probabilities = probabilities
      isShared = threads > 1 && count >= 2 * threads
      // Shared out, a batch makes at least two chunks a thread.
      chunk = isShared ? max(1, min(plan.pointee.chunk, count / (2 * threads))) : plan.pointee.chunk
      barrier = Barrier(parts: isShared ? 1 : threads)
    }

    func work(_ part: Int) {
      let execution = Execution(
        plan: plan, arena: memory + (isShared ? part * arenaSize : 0),
        scratch: memory + threads * arenaSize + part * scratchSize, part: isShared ? 0 : part,
        parts: isShared ? 1 : threads)
      var chunkIndex = isShared ? takeChunk() : 0
      while chunkIndex * chunk < count {
        runChunk(execution, first: chunkIndex * chunk)
        chunkIndex = isShared ? takeChunk() : chunkIndex + 1
      }
    }

    private func takeChunk() -> Int { nextChunk.wrappingAdd(1, ordering: .relaxed).oldValue }

    @inline(never) private func runChunk(_ execution: Execution, first: Int) {
      let size = min(chunk, count - first)
      execution.load(pictures + first * pictureSize, count: size, normalisation)
      barrier.wait()
      let steps = plan.pointee.tables.steps.count
      for index in 0..<steps {
        let step = plan.pointee.tables.steps[index]
        if case .nothing = step.operation { continue }
        let share = step.isSolo && execution.parts > 1 ? execution.alone : execution
        if !step.isSolo || execution.part == 0 {
          share.run(step, count: size, probabilities: probabilities + first * plan.pointee.classCount)
        }
        let nextIsSolo = index + 1 < steps && plan.pointee.tables.steps[index + 1].isSolo
        if !(step.isSolo && nextIsSolo) { barrier.wait() }
      }
    }
  }
}
