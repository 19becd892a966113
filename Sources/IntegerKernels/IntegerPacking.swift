import CKernels

/// Packs the weights of one run as the products read them; see `dnn_integer_pack_job`.
func integerPack(_ job: dnn_integer_pack_job) {
  let depth = Int(job.depth)
  for quad in 0..<depth / 4 { packQuad(job, quad) }
  // The last quad, where rows are missing.
  for row in (depth / 4 * 4)..<depth {
    let target = quad(job, row / 4)
    for column in 0..<Int(job.columns) { put(job.weights[row * Int(job.stride) + column], row % 4, column, target) }
  }
}

@inline(__always)
private func quad(_ job: dnn_integer_pack_job, _ index: Int) -> UnsafeMutablePointer<Int8> {
  job.packed + index * Int(job.panel) * quadSize
}

@inline(__always)
private func packQuad(_ job: dnn_integer_pack_job, _ index: Int) {
  let stride = Int(job.stride)
  let (source, target) = (job.weights + 4 * index * stride, quad(job, index))
  for column in 0..<Int(job.columns) {
    let place = source + column
    put(place[0], 0, column, target)
    put(place[stride], 1, column, target)
    put(place[2 * stride], 2, column, target)
    put(place[3 * stride], 3, column, target)
  }
}

/// Puts a column's element 0...3 into its place in a packed quad.
@inline(__always)
private func put(_ weight: Int8, _ element: Int, _ column: Int, _ quad: UnsafeMutablePointer<Int8>) {
  #if INTEGER_KERNELS_VNNI
    quad[4 * column + element] = weight
  #else
    // Register by register: the even elements of its columns, then the odd ones, as 16-bit numbers.
    let (register, lane) = (column / Lanes.count, column % Lanes.count)
    let place = register * Lanes.count * quadSize + (element & 1) * 4 * Lanes.count + 4 * lane + (element & 2)
    UnsafeMutableRawPointer(quad + place).storeBytes(of: Int16(weight), as: Int16.self)
  #endif
}
