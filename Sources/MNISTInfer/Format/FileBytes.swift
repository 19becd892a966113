import CPlatform

/// The bytes of a model's file, owned or borrowed, at a multiple of 64.
struct FileBytes: ~Copyable {
  let bytes: UnsafeRawBufferPointer
  private let isOwned: Bool

  /// Memory that outlives this value, at a multiple of 64, which stays the caller's.
  init(borrowing bytes: UnsafeRawBufferPointer) {
    self.bytes = bytes
    isOwned = false
  }

  init(copying source: UnsafeRawBufferPointer) throws(Failure) {
    let memory = try FileBytes.memory(source.count)
    if let start = source.baseAddress { memcpy(memory, start, source.count) }
    bytes = UnsafeRawBufferPointer(start: memory, count: source.count)
    isOwned = true
  }

  /// Reads a regular file whole.
  ///
  /// Read, not mapped: a mapped file that is cut short while in use ends the process with SIGBUS.
  init(path: UnsafePointer<CChar>) throws(Failure) {
    let descriptor = platform_open_for_reading(path)
    guard descriptor >= 0 else { throw FileBytes.failure("cannot open", path) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw FileBytes.failure("cannot read", path) }
    guard platform_is_folder(&status) == 0 else { throw Failure(.cannotRead, "\(path) is a folder, not a file") }
    guard platform_is_regular_file(&status) != 0 else { throw Failure(.cannotRead, "\(path) is not a regular file") }
    let size = Int(status.st_size)
    let memory = try FileBytes.memory(size)
    do throws(Failure) {
      try FileBytes.fill(memory, size, from: descriptor, path)
    } catch {
      free(memory)
      throw error
    }
    bytes = UnsafeRawBufferPointer(start: memory, count: size)
    isOwned = true
  }

  deinit {
    if isOwned { free(UnsafeMutableRawPointer(mutating: bytes.baseAddress)) }
  }

  /// One huge page costs the kernel less than some hundred small ones, each of which is a fault when it is first written.
  /// Weights that are read where they stand also stay in a second-level cache better when they are contiguous in it.
  private static func memory(_ size: Int) throws(Failure) -> UnsafeMutableRawPointer {
    let takesHugePages = size >= hugePage / 4
    var address: UnsafeMutableRawPointer?
    guard
      posix_memalign(&address, takesHugePages ? hugePage : memoryAlignment, max(size, 1)) == 0, let address
    else { throw Failure(.outOfMemory, "no memory for a file of \(size) bytes") }
    if takesHugePages { platform_advise_huge_pages(address, size) }
    return address
  }

  private static let hugePage = 2 << 20

  private static func fill(
    _ memory: UnsafeMutableRawPointer, _ size: Int, from descriptor: Int32, _ path: UnsafePointer<CChar>
  ) throws(Failure) {
    var count = 0
    while count < size {
      let result = read(descriptor, memory + count, size - count)
      if result < 0 && platform_errno() == EINTR { continue }
      if result < 0 { throw failure("cannot read", path) }
      if result == 0 { throw Failure(.cannotRead, "\(path) became shorter while it was read") }
      count += result
    }
  }

  private static func failure(_ what: StaticString, _ path: UnsafePointer<CChar>) -> Failure {
    let code = platform_errno()
    let status: Status = code == ENOMEM ? .outOfMemory : .cannotRead
    return Failure(status, "\(what) \(path): \(platform_error_text(code)!)")
  }
}
