/// Refuses two layers, or two tensors, of one name. Empty names are allowed any number of times.
func checkNames(_ network: borrowing Network) throws(Failure) {
  if let (first, second) = try firstDuplicate(network.layers.count, { network.layers.start[$0].name }) {
    throw Failure(.damaged, "layers \(first) and \(second) have the same name")
  }
  if let (first, second) = try firstDuplicate(network.tensors.count, { network.tensors.start[$0].name }) {
    throw Failure(.damaged, "tensors \(first) and \(second) have the same name")
  }
}

/// The first name that stands twice, found with a hash table so that thousands of names cost linear time.
private func firstDuplicate(
  _ count: Int, _ name: (Int) -> Name
) throws(Failure) -> (Int, Int)? {
  var capacity = 16
  while capacity < 2 * count { capacity *= 2 }
  let slots = try Buffer<Int32>(count: capacity)  // index + 1, zero for an empty slot
  for index in 0..<count {
    let candidate = name(index)
    guard candidate.bytes[0] != 0 else { continue }
    var slot = candidate.hash & (capacity - 1)
    while slots[slot] != 0 {
      let other = Int(slots[slot]) - 1
      if name(other) == candidate { return (other, index) }
      slot = (slot + 1) & (capacity - 1)
    }
    slots[slot] = Int32(index + 1)
  }
  return nil
}

extension Name: Equatable {
  package static func == (a: Name, b: Name) -> Bool {
    for index in 0..<capacity where a.bytes[index] != b.bytes[index] { return false }
    return true
  }

  /// FNV-1a of 64 bits, with its high half folded in.
  fileprivate var hash: Int {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for index in 0..<Name.capacity { hash = (hash ^ UInt64(bytes[index])) &* 0x100_0000_01b3 }
    return Int(truncatingIfNeeded: hash ^ hash >> 32)
  }
}
