import CPlatform

/// A POSIX mutex, and the condition that threads holding it can wait for.
///
/// In memory of their own, because neither may move.
package struct Mutex: ~Copyable, @unchecked Sendable {
  private let memory: Buffer<UInt8>
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let condition: UnsafeMutablePointer<pthread_cond_t>

  package init() throws(Failure) {
    let size = MemoryLayout<pthread_mutex_t>.stride
    memory = try Buffer(count: size + MemoryLayout<pthread_cond_t>.size)
    mutex = UnsafeMutableRawPointer(memory.start).bindMemory(to: pthread_mutex_t.self, capacity: 1)
    condition = UnsafeMutableRawPointer(memory.start + size).bindMemory(to: pthread_cond_t.self, capacity: 1)
    renew()
  }

  /// As if nobody had ever locked it or waited: in a child of the process whose threads did, and which are not in it. Whoever
  /// destroyed it there would wait for them.
  func renew() {
    // With default attributes neither can fail on Linux: they only write to the memory.
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(condition, nil)
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
  }

  package func lock() { pthread_mutex_lock(mutex) }
  package func unlock() { pthread_mutex_unlock(mutex) }

  /// Gives the mutex up until another thread calls `wakeAll`, or for no reason at all.
  package func wait() { pthread_cond_wait(condition, mutex) }
  package func wakeAll() { pthread_cond_broadcast(condition) }
}
