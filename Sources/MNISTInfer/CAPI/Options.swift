import CPlatform

/// Copies a structure of options, which starts with its size.
///
/// A program built with a later header may pass a longer structure, as long as what this library does not know is zero. A shorter
/// one is of no header yet. `known` is the size of the structure as this library knows it.
func copyOptions(
  _ options: UnsafeRawPointer?, to result: UnsafeMutableRawPointer, _ known: Int, _ what: StaticString
) throws(Failure) {
  guard let options else { throw Failure(.badArgument, "\(what) is NULL") }
  let size = options.loadUnaligned(as: Int.self)
  guard size >= known, size <= 4096 else {
    throw Failure(.badArgument, "\(what): struct_size is \(UInt(bitPattern: size)), not \(known), its sizeof")
  }
  for index in known..<size where options.load(fromByteOffset: index, as: UInt8.self) != 0 {
    throw Failure(.unsupported, "\(what): one needs a newer library")
  }
  memcpy(result, options, known)
}
