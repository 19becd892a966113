/// A tensor of the file, checked: its elements are there, aligned and in range.
package struct Tensor: BitwiseCopyable {
  package var name: Name
  package var type: TensorType
  package var rank: Int
  package var dimensions: (Int, Int, Int, Int)
  package var elementCount: Int
  /// In the file's bytes, at a multiple of 64 from their start.
  package var elements: UnsafeRawPointer

  /// For int8, the index of the tensor with its scales.
  package var scales: Int?

  /// The elements of a float32 tensor.
  package var floats: UnsafePointer<Float> { elements.assumingMemoryBound(to: Float.self) }
  /// The elements of an int8 tensor.
  package var bytes: UnsafePointer<Int8> { elements.assumingMemoryBound(to: Int8.self) }
  /// The elements of an int32 tensor.
  package var integers: UnsafePointer<Int32> { elements.assumingMemoryBound(to: Int32.self) }
  /// The elements of a uint8 tensor.
  package var table: UnsafePointer<UInt8> { elements.assumingMemoryBound(to: UInt8.self) }

  /// Elements of the last dimension.
  package var lastDimension: Int {
    switch rank {
    case 1: dimensions.0
    case 2: dimensions.1
    case 3: dimensions.2
    default: dimensions.3
    }
  }
}

/// Reads the tensor table. The tensors stand in the data section in the order of the table, each at the first multiple of 64
/// after the one before.
func readTensors(_ container: Container) throws(Failure) -> Buffer<Tensor> {
  let table = container.required(.tensors)
  let data = container.required(.data)
  guard let rows = table.baseAddress, table.count % TensorRecord.size == 0 || table.count == 0 else {
    if table.count == 0 { return try Buffer(count: 0) }
    throw Failure(.damaged, "section TNSR: \(table.count) bytes are no multiple of \(TensorRecord.size)")
  }
  let count = table.count / TensorRecord.size
  guard count <= Limits.tensors else {
    throw Failure(.damaged, "section TNSR: \(count) tensors; the format allows \(Limits.tensors)")
  }
  let tensors = try Buffer<Tensor>(count: count)
  var end = 0
  for index in 0..<count {
    let (record, isClean) = TensorRecord.read(rows + index * TensorRecord.size)
    guard isClean else { throw Failure(.damaged, tensor: index, "reserved bytes are not zero") }
    tensors[index] = try readTensor(record, index: index, data: data, after: &end)
  }
  guard end == data.count else {
    throw Failure(.damaged, "section DATA: \(data.count - end) bytes belong to no tensor")
  }
  for index in 0..<count { try checkScales(tensors, index) }
  return tensors
}

private func readTensor(
  _ record: TensorRecord, index: Int, data: UnsafeRawBufferPointer, after end: inout Int
) throws(Failure) -> Tensor {
  guard record.name.isValid else { throw nameFailure("tensor", index) }
  guard let type = TensorType(rawValue: record.type) else {
    throw Failure(.unsupported, tensor: index, "elements of type \(record.type) need a newer library")
  }
  guard record.rank >= 1, record.rank <= 4 else {
    throw Failure(.damaged, tensor: index, "\(record.rank) dimensions; the format allows 1 to 4")
  }
  let rank = Int(record.rank)
  let dimensions = (
    Int(clamping: record.dimensions.0), Int(clamping: record.dimensions.1), Int(clamping: record.dimensions.2),
    Int(clamping: record.dimensions.3)
  )
  var elementCount: Int64 = 1
  try multiply(&elementCount, by: dimensions.0, axis: 0, rank: rank, tensor: index)
  try multiply(&elementCount, by: dimensions.1, axis: 1, rank: rank, tensor: index)
  try multiply(&elementCount, by: dimensions.2, axis: 2, rank: rank, tensor: index)
  try multiply(&elementCount, by: dimensions.3, axis: 3, rank: rank, tensor: index)
  let start = roundUp(end, to: memoryAlignment)
  guard record.offset == start else {
    throw Failure(.damaged, "tensor \(index) starts at byte \(record.offset) of the data, not \(start)")
  }
  let length = elementCount * Int64(type.elementSize)
  guard record.length == length else {
    throw Failure(.damaged, tensor: index, "its shape takes \(length) bytes, not \(record.length)")
  }
  guard start <= data.count, record.length <= data.count - start, let base = data.baseAddress else {
    throw Failure(.damaged, "tensor \(index) reaches past the end of the data")
  }
  for position in end..<start where data[position] != 0 {
    throw Failure(.damaged, "the padding before tensor \(index) is not zero")
  }
  end = start + Int(record.length)
  guard (type == .int8) == (record.scales != noTensor) else {
    throw Failure(.damaged, tensor: index, "an int8 tensor has scales, and no other has")
  }
  let tensor = Tensor(
    name: record.name, type: type, rank: rank, dimensions: dimensions, elementCount: Int(elementCount),
    elements: base + start, scales: type == .int8 ? Int(clamping: record.scales) : nil)
  switch type {
  case .float32: try checkFinite(tensor, index)
  case .int8: try checkSymmetric(tensor, index)
  case .int32, .uint8: break
  }
  return tensor
}

/// Checks one dimension; those at `rank` and above are stored as 0 and multiply nothing.
///
/// Not inlined: the compiler would join the four copies' ends, in an order that differs from build to build.
@inline(never)
private func multiply(
  _ elementCount: inout Int64, by dimension: Int, axis: Int, rank: Int, tensor: Int
) throws(Failure) {
  guard axis < rank else {
    guard dimension == 0 else {
      throw Failure(.damaged, tensor: tensor, "dimension \(axis) is \(dimension), but its rank is \(rank)")
    }
    return
  }
  guard dimension >= 1, dimension <= Limits.dimension else {
    throw Failure(
      .damaged, tensor: tensor, "dimension \(axis) is \(dimension); the format allows 1 to \(Limits.dimension)")
  }
  // At most 2^24 * 2^32 before the next check, so nothing overflows.
  elementCount *= Int64(dimension)
  guard elementCount <= Limits.tensorElements else {
    throw Failure(.damaged, "tensor \(tensor) has over \(Limits.tensorElements) elements")
  }
}

private func checkSymmetric(_ tensor: Tensor, _ index: Int) throws(Failure) {
  for position in 0..<tensor.elementCount where tensor.bytes[position] == -128 {
    throw Failure(.damaged, tensor: index, "element \(position) is -128; the range is symmetric, -127 to 127")
  }
}

/// Scales are a float32 vector of positive numbers, one for each element of the last dimension.
private func checkScales(_ tensors: borrowing Buffer<Tensor>, _ index: Int) throws(Failure) {
  guard let scales = tensors[index].scales else { return }
  guard scales < tensors.count else {
    throw Failure(.damaged, tensor: index, "its scales are tensor \(scales), but there are only \(tensors.count)")
  }
  let tensor = tensors[scales]
  let columns = tensors[index].lastDimension
  guard tensor.type == .float32, tensor.rank == 1, tensor.elementCount == columns else {
    throw Failure(
      .damaged, tensor: index, "its scales, tensor \(scales), are no float32 vector of \(columns) elements")
  }
  // Normal, and finite times 127, so that no weight becomes zero, infinite or slow.
  for position in 0..<tensor.elementCount {
    let scale = tensor.floats[position]
    guard scale.isNormal, scale > 0, (127 * scale).isFinite else {
      throw Failure(.damaged, "tensor \(scales): scale \(position) is not positive, or too small or large")
    }
  }
}

private func checkFinite(_ tensor: Tensor, _ index: Int) throws(Failure) {
  // Infinity and NaN are the values whose exponent is all ones.
  let words = tensor.elements.assumingMemoryBound(to: UInt32.self)
  let exponent: UInt32 = 0x7f80_0000
  // One more makes an exponent of all ones carry into the sign. A loop without an exit becomes vector instructions; only
  // where something is wrong does another look for its place.
  var carries: UInt32 = 0
  for position in 0..<tensor.elementCount { carries |= (words[position] & exponent) &+ 0x0080_0000 }
  if carries >> 31 == 0 { return }
  for position in 0..<tensor.elementCount where words[position] & exponent == exponent {
    throw Failure(.damaged, tensor: index, "element \(position) is not a finite number")
  }
}
