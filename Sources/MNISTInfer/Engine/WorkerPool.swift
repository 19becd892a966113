import CPlatform
import Synchronization

/// Threads that wait for jobs of some microseconds. The thread that starts a job takes part 0 of it.
///
/// A worker that has finished spins for a short while, because the next job often comes at once, and then sleeps.
///
/// A process that `fork` makes has none of the workers: there the caller's thread does all of the work.
struct WorkerPool: ~Copyable {
  /// Runs one part of a job.
  typealias Job = @convention(c) (_ context: UnsafeMutableRawPointer, _ part: Int) -> Void

  private let shared: UnsafeMutablePointer<Shared>
  private let threads: Buffer<pthread_t>
  private let seats: Buffer<Seat>
  private var started = 0
  /// The process that the workers belong to.
  private let process = getpid()

  /// Threads of the pool, the caller's included.
  var count: Int { started + 1 }

  /// Those that are there: all, or in a child of the process that started them the caller's alone.
  var presentCount: Int { started > 0 && getpid() != process ? 1 : count }

  /// A pool of `count` threads, at least 1; fails where the system gives fewer.
  static func make(count: Int) throws(Failure) -> WorkerPool {
    var pool = try WorkerPool(capacity: count - 1)
    pool.start()
    guard pool.count == count else { throw Failure(.outOfMemory, "cannot start \(count) threads") }
    return pool
  }

  private init(capacity: Int) throws(Failure) {
    let threads = try Buffer<pthread_t>(count: capacity)
    let seats = try Buffer<Seat>(count: capacity)
    let task = try Buffer<Task>(count: 1)
    let mutex = try Mutex()
    shared = try allocatePlace(for: Shared.self)
    shared.initialize(to: Shared(task: task, mutex: mutex))
    self.threads = threads
    self.seats = seats
  }

  /// Starts the threads, or as many as the system gives.
  private mutating func start() {
    // Signals are for the program's own threads.
    var all = sigset_t()
    var previous = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_SETMASK, &all, &previous)
    while started < threads.count {
      seats[started] = Seat(shared: shared, part: started + 1)
      guard pthread_create(threads.start + started, nil, WorkerPool.work, seats.start + started) == 0 else { break }
      started += 1
    }
    pthread_sigmask(SIG_SETMASK, &previous, nil)
  }

  deinit {
    if presentCount == count { stop() } else { shared.pointee.mutex.renew() }
    shared.deinitialize(count: 1)
    free(shared)
  }

  private func stop() {
    shared.pointee.mutex.lock()
    shared.pointee.stops.store(true, ordering: .relaxed)
    shared.pointee.generation.wrappingAdd(1, ordering: .releasing)
    shared.pointee.mutex.wakeAll()
    shared.pointee.mutex.unlock()
    for index in 0..<started { pthread_join(threads[index], nil) }
  }

  /// Runs `job` once for each part 0 ..< `parts`, at the same time, and returns when all are done. There are as many parts as
  /// `presentCount`, which the job needs to know, too.
  func run(parts: Int, _ context: UnsafeMutableRawPointer, _ job: @escaping Job) {
    if parts > 1 { start(Task(job: job, context: context)) }
    job(context, 0)
    if parts > 1 { waitForWorkers() }
  }

  private func start(_ task: Task) {
    shared.pointee.task[0] = task
    shared.pointee.running.store(started, ordering: .relaxed)
    shared.pointee.mutex.lock()
    shared.pointee.generation.wrappingAdd(1, ordering: .releasing)
    if shared.pointee.sleepers.load(ordering: .relaxed) > 0 { shared.pointee.mutex.wakeAll() }
    shared.pointee.mutex.unlock()
  }

  private func waitForWorkers() {
    var spins = Spins()
    while shared.pointee.running.load(ordering: .acquiring) > 0 { spins.next() }
  }

  /// What all threads see; stays in place until the last has ended.
  private struct Shared: ~Copyable {
    /// Counts jobs; a change of it starts one.
    let generation = Atomic<UInt32>(0)
    /// Workers that have not finished the current job.
    let running = Atomic<Int>(0)
    let stops = Atomic<Bool>(false)
    /// Written by the thread that starts a job before it changes the generation.
    let task: Buffer<Task>
    /// Workers that wait on `mutex`; changed while holding it.
    let sleepers = Atomic<Int>(0)
    let mutex: Mutex

    init(task: consuming Buffer<Task>, mutex: consuming Mutex) {
      self.task = task
      self.mutex = mutex
    }
  }

  private struct Task: BitwiseCopyable {
    var job: Job?
    var context: UnsafeMutableRawPointer?
  }

  private struct Seat: BitwiseCopyable {
    var shared: UnsafeMutablePointer<Shared>
    var part: Int
  }

  /// Pauses of some 40 cycles each that a worker spins before it sleeps: some 20 to 50 microseconds, which is what waking a
  /// sleeping thread costs.
  private static let spinsBeforeSleep = 2000

  private static let work: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { argument in
    guard let argument else { return nil }
    let seat = argument.assumingMemoryBound(to: Seat.self).pointee
    let shared = seat.shared
    var seen: UInt32 = 0
    while true {
      seen = waitForChange(shared, from: seen)
      if shared.pointee.stops.load(ordering: .relaxed) { return nil }
      let task = shared.pointee.task[0]
      if let job = task.job, let context = task.context { job(context, seat.part) }
      shared.pointee.running.wrappingSubtract(1, ordering: .releasing)
    }
  }

  private static func waitForChange(_ shared: UnsafeMutablePointer<Shared>, from seen: UInt32) -> UInt32 {
    for _ in 0..<spinsBeforeSleep {
      let generation = shared.pointee.generation.load(ordering: .acquiring)
      if generation != seen { return generation }
      platform_pause()
    }
    shared.pointee.mutex.lock()
    defer { shared.pointee.mutex.unlock() }
    shared.pointee.sleepers.wrappingAdd(1, ordering: .relaxed)
    while shared.pointee.generation.load(ordering: .acquiring) == seen {
      shared.pointee.mutex.wait()
    }
    shared.pointee.sleepers.wrappingSubtract(1, ordering: .relaxed)
    return shared.pointee.generation.load(ordering: .acquiring)
  }
}

/// Waiting for other threads that are at work on the same job.
struct Spins {
  private var count = 0

  /// Pauses; gives the processor away after a while, because the thread waited for may be waiting for this processor.
  mutating func next() {
    count += 1
    if count < 1000 { platform_pause() } else { sched_yield() }
  }
}

/// Where the threads of one job wait for each other between two steps.
struct Barrier: ~Copyable {
  private let arrived = Atomic<Int>(0)
  private let round = Atomic<Int>(0)
  private let parts: Int

  init(parts: Int) { self.parts = parts }

  /// Returns when all parts have called it; what each wrote before, all see after.
  func wait() {
    if parts == 1 { return }
    let current = round.load(ordering: .relaxed)
    if arrived.wrappingAdd(1, ordering: .acquiringAndReleasing).newValue == parts {
      arrived.store(0, ordering: .relaxed)
      round.store(current &+ 1, ordering: .releasing)
      return
    }
    var spins = Spins()
    while round.load(ordering: .acquiring) == current { spins.next() }
  }
}
