import CKernels

/// Packs the weights of one run as the products read them; see `dnn_integer_pack_job`.
func integerPack(_ job: dnn_integer_pack_job) {
  let (depth, panel) = (Int(job.depth), Int(job.panel))
  for quad in 0..<(depth + 3) / 4 {
    let target = job.packed + quad * panel * quadSize
    for column in 0..<panel {
      for element in 0..<4 {
        let row = 4 * quad + element
        let isThere = row < depth && column < Int(job.columns)
        put(isThere ? job.weights[row * Int(job.stride) + column] : 0, element, column, target)
      }
    }
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
