/// The outer structure of a file: a header, a table of sections, and the sections, each checked against its checksum.
///
/// The bytes are borrowed: they must stay in place while the container, or what was read from it, is in use.
package struct Container {
  private var sections = InlineArray<12, UnsafeRawBufferPointer>(
    repeating: UnsafeRawBufferPointer(start: nil, count: 0))
  private var present = InlineArray<12, Bool>(repeating: false)

  package static let majorVersion: UInt16 = 1
  package static let minorVersion: UInt16 = 0
  static let alignment = memoryAlignment

  /// Of the file.
  package let minorVersion: UInt16

  /// Checks the structure and all checksums. Linear in the file's size.
  package init(_ file: UnsafeRawBufferPointer) throws(Failure) {
    try checkSignature(file)
    guard let start = file.baseAddress, file.count >= FileHeader.size else {
      throw cutShort(file.count, FileHeader.size)
    }
    let (header, headerIsClean) = FileHeader.read(start)
    guard header.majorVersion >= 1 else { throw Failure(.damaged, "format version 0.\(header.minorVersion) never was") }
    guard header.majorVersion == Container.majorVersion else {
      throw Failure(
        .unsupported,
        "format version \(header.majorVersion).\(header.minorVersion) needs a newer library; this one reads version 1")
    }
    minorVersion = header.minorVersion
    guard header.sectionCount <= Limits.sections else {
      throw Failure(.damaged, "the header counts \(header.sectionCount) sections; the format allows \(Limits.sections)")
    }
    let tableEnd = FileHeader.size + Int(header.sectionCount) * SectionEntry.size
    guard tableEnd <= file.count else { throw cutShort(file.count, tableEnd) }
    guard headerChecksum(file, end: tableEnd) == header.checksum else {
      throw Failure(.damaged, "the header's checksum does not match: the file was altered or damaged")
    }
    guard headerIsClean else { throw Failure(.damaged, "reserved bytes of the header are not zero") }
    guard header.fileSize >= file.count else {
      throw Failure(.damaged, "\(UInt64(file.count) &- header.fileSize) bytes follow the end of the model")
    }
    guard header.fileSize == file.count else {
      throw Failure(.damaged, "cut short: \(file.count) of \(header.fileSize) bytes are there")
    }

    var end = tableEnd
    var previous: SectionKind?
    for index in 0..<Int(header.sectionCount) {
      let (entry, isClean) = SectionEntry.read(start + FileHeader.size + index * SectionEntry.size)
      guard isClean else { throw Failure(.damaged, "section \(entry.tag): reserved bytes are not zero") }
      let bytes = try locate(entry, in: file, after: &end)
      guard let kind = SectionKind(tag: entry.tag) else {
        if entry.flags & SectionEntry.skippable != 0 { continue }
        throw Failure(.unsupported, "section \(entry.tag) is needed and not known; a newer library may read this file")
      }
      guard entry.flags == kind.flags else {
        throw Failure(.damaged, "section \(entry.tag): flags are \(entry.flags), not \(kind.flags)")
      }
      if let previous, previous.rawValue >= kind.rawValue {
        throw Failure(.damaged, "section \(entry.tag) is not in its place: it is twice there or out of order")
      }
      previous = kind
      sections[kind.rawValue] = bytes
      present[kind.rawValue] = true
    }
    guard end == file.count else { throw Failure(.damaged, "\(file.count - end) bytes belong to no section") }
    for index in 0..<SectionKind.count {
      if let kind = SectionKind(rawValue: index), kind.isRequired, !present[index] {
        throw Failure(.damaged, "section \(kind.tag) is missing")
      }
    }
  }

  /// A section's bytes, or nil if the file has none of that kind.
  package func section(_ kind: SectionKind) -> UnsafeRawBufferPointer? {
    present[kind.rawValue] ? sections[kind.rawValue] : nil
  }

  /// A section that every container has.
  func required(_ kind: SectionKind) -> UnsafeRawBufferPointer { sections[kind.rawValue] }
}

/// The checksum of the header and the table up to `end`, with the header's own checksum taken as zero.
package func headerChecksum(_ file: UnsafeRawBufferPointer, end: Int) -> UInt32 {
  let field = FileHeader.checksumOffset
  var checksum = Checksum()
  checksum.update(UnsafeRawBufferPointer(rebasing: file[0..<field]))
  withUnsafeBytes(of: UInt32(0)) { checksum.update($0) }
  checksum.update(UnsafeRawBufferPointer(rebasing: file[(field + 4)..<end]))
  return checksum.value
}

/// Finds a section's bytes and checks what surrounds them: the section starts at the first multiple of the alignment after
/// `end`, the bytes between are zero, and its checksum holds. Moves `end` behind it.
private func locate(
  _ entry: SectionEntry, in file: UnsafeRawBufferPointer, after end: inout Int
) throws(Failure) -> UnsafeRawBufferPointer {
  guard entry.flags & ~SectionEntry.skippable == 0 else {
    throw Failure(
      .unsupported, "section \(entry.tag): flags \(entry.flags) are not known; a newer library may read this file")
  }
  let start = roundUp(end, to: Container.alignment)
  guard entry.offset == start else {
    throw Failure(
      .damaged, "section \(entry.tag) starts at byte \(entry.offset), not \(start): sections overlap or leave a gap")
  }
  guard start <= file.count, entry.length <= file.count - start else {
    throw Failure(.damaged, "section \(entry.tag) of \(entry.length) bytes reaches past the end of the file")
  }
  for index in end..<start where file[index] != 0 {
    throw Failure(.damaged, "the padding before section \(entry.tag) is not zero")
  }
  end = start + Int(entry.length)
  let bytes = UnsafeRawBufferPointer(rebasing: file[start..<end])
  guard Checksum.of(bytes) == entry.checksum else {
    throw Failure(.damaged, "section \(entry.tag): the checksum does not match; the file was altered or damaged")
  }
  return bytes
}

private func cutShort(_ size: Int, _ needed: Int) -> Failure {
  Failure(.damaged, "cut short: \(size) bytes, and the header alone has \(needed)")
}
