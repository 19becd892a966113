import CPlatform

/// The bytes of a model's or a picture's file, owned or borrowed, at a multiple of 64.
struct FileBytes: ~Copyable {
  enum Kind { case model, picture }

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
  ///
  /// The start of a model is checked before the rest is read, so that a large file of another kind is not read whole.
  init(_ kind: Kind, path: UnsafePointer<CChar>, _ limits: ResourceLimits) throws(Failure) {
    let descriptor = platform_open_for_reading(path)
    guard descriptor >= 0 else { throw FileBytes.failure("cannot open \(path: path)") }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw FileBytes.failure("cannot read \(path: path)") }
    guard platform_is_folder(&status) == 0 else {
      throw Failure(.cannotRead, "\(path: path) is a folder, not a file")
    }
    guard platform_is_regular_file(&status) != 0 else {
      throw Failure(.cannotRead, "\(path: path) is not a regular file")
    }
    do throws(Failure) {
      let size = try FileBytes.checkSize(UInt64(truncatingIfNeeded: status.st_size), kind, limits)
      bytes = try FileBytes.contents(of: descriptor, size, kind)
      isOwned = true
    } catch {
      throw Failure(error.status, "\(path: path): \(error.message)")
    }
  }

  deinit {
    if isOwned { free(UnsafeMutableRawPointer(mutating: bytes.baseAddress)) }
  }

  /// One huge page costs the kernel less than some hundred small ones, each of which is a fault when it is first written.
  /// Weights that are read where they stand also stay in a second-level cache better when they are contiguous in it.
  private static func memory(_ size: Int) throws(Failure) -> UnsafeMutableRawPointer {
    let takesHugePages = size >= hugePage / 4
    let alignment = takesHugePages ? hugePage : memoryAlignment
    let whole = roundUp(max(size, 1), to: alignment)
    var address: UnsafeMutableRawPointer?
    guard posix_memalign(&address, alignment, whole) == 0, let address else {
      throw Failure(.outOfMemory, "no memory for a file of \(size) bytes")
    }
    if takesHugePages { platform_advise_huge_pages(address, whole) }
    return address
  }

  private static let hugePage = 2 << 20

  private static func checkSize(_ size: UInt64, _ kind: Kind, _ limits: ResourceLimits) throws(Failure) -> Int {
    let limit = kind == .model ? limits.file : limits.pictureFile
    if size <= limit, let size = Int(exactly: size) { return size }
    if kind == .model { throw limits.fileFailure(size) }
    throw Failure(
      .badPicture, "\(size) bytes are more than a PNG of \(limits.picture) pixels, the most allowed, can have")
  }

  private static func contents(
    of descriptor: Int32, _ size: Int, _ kind: Kind
  ) throws(Failure) -> UnsafeRawBufferPointer {
    let memory = try memory(size)
    do throws(Failure) {
      let start = min(size, 64)
      try fill(memory, 0..<start, from: descriptor)
      if kind == .model { try checkSignature(UnsafeRawBufferPointer(start: memory, count: start)) }
      try fill(memory, start..<size, from: descriptor)
    } catch {
      free(memory)
      throw error
    }
    return UnsafeRawBufferPointer(start: memory, count: size)
  }

  private static func fill(
    _ memory: UnsafeMutableRawPointer, _ range: Range<Int>, from descriptor: Int32
  ) throws(Failure) {
    var count = range.lowerBound
    while count < range.upperBound {
      let result = read(descriptor, memory + count, range.upperBound - count)
      if result < 0 && platform_errno() == EINTR { continue }
      if result < 0 { throw failure("cannot read") }
      if result == 0 { throw Failure(.cannotRead, "the file became shorter while it was read") }
      count += result
    }
  }

  private static func failure(_ what: Message) -> Failure {
    let code = platform_errno()
    let status: Status = code == ENOMEM ? .outOfMemory : .cannotRead
    return Failure(status, "\(what): \(platform_error_text(code)!)")
  }
}

extension Message.Interpolation {
  /// A file's path; of one that is longer than half a message its end, after "…", so that there is room for what is wrong.
  @inline(never) mutating func appendInterpolation(path: UnsafePointer<CChar>) {
    let bytes = UnsafeRawPointer(path).assumingMemoryBound(to: UInt8.self)
    let count = strlen(path)
    var start = max(count - Message.capacity / 2, 0)
    if start > 0 {
      // At the start of a character.
      while start < count, bytes[start] & 0xc0 == 0x80 { start += 1 }
      appendInterpolation("…" as StaticString)
    }
    appendInterpolation(path + start)
  }
}
