#if !hasFeature(Embedded)
  import CKernels

  // The multiply-adds a second, times two, that one core reaches in the widest tile with everything in its first cache: what
  // the layers' speed is compared with.

  /// Of floats.
  package func peakFlops() throws(Failure) -> Double {
    let kernels = selectKernels()
    // Six rows are a whole tile in every build; its input and weights take some 70 KiB at most.
    let (rows, depth, columns) = (6, 256, kernels.widest_panel)
    let input = try Buffer<Float>(count: rows * depth)
    let weights = try Buffer<Float>(count: depth * columns)
    let bias = try Buffer<Float>(count: columns)
    let output = try Buffer<Float>(count: rows * columns)
    let offsets = try tileOffsets(rows: rows, depth: depth, columns: columns)
    var job = dnn_gemm_job()
    (job.input, job.weights, job.bias) = (
      UnsafePointer(input.start), UnsafePointer(weights.start), UnsafePointer(bias.start)
    )
    (job.row_offsets, job.output_offsets) = (UnsafePointer(offsets.start), UnsafePointer(offsets.start + rows))
    (job.tap_offsets, job.taps, job.depth) = (UnsafePointer(offsets.start + 2 * rows), 1, depth)
    (job.rows, job.columns, job.output) = (rows, columns, output.start)
    return peak(multiplyAdds: rows * depth * columns) { kernels.gemm(&job) }
  }

  /// Of bytes.
  package func peakIntegerOperations() throws(Failure) -> Double {
    let kernels = selectIntegerKernels()
    // Twelve rows are whole tiles in every build.
    let (rows, depth, columns) = (12, 512, kernels.widest_panel)
    let input = try Buffer<UInt8>(count: rows * depth)
    let weights = try Buffer<Int8>(count: depth / 4 * columns * kernels.quad_size)
    let numbers = try Buffer<Int32>(count: 2 * columns + 24 * kernels.lanes)
    let output = try Buffer<UInt8>(count: rows * columns)
    let offsets = try tileOffsets(rows: rows, depth: depth, columns: columns)
    var job = dnn_integer_gemm_job()
    (job.input, job.weights) = (UnsafePointer(input.start), UnsafePointer(weights.start))
    (job.bias, job.multipliers) = (UnsafePointer(numbers.start), UnsafePointer(numbers.start + columns))
    job.scratch = numbers.start + 2 * columns
    (job.shift, job.upper) = (40, 255)
    (job.row_offsets, job.output_offsets) = (UnsafePointer(offsets.start), UnsafePointer(offsets.start + rows))
    (job.tap_offsets, job.taps, job.depth) = (UnsafePointer(offsets.start + 2 * rows), 1, depth)
    (job.rows, job.columns, job.panel, job.output) = (rows, columns, columns, output.start)
    return peak(multiplyAdds: rows * depth * columns) { kernels.gemm(&job) }
  }

  /// Where rows of the input start, then rows of the output, then the only tap.
  private func tileOffsets(rows: Int, depth: Int, columns: Int) throws(Failure) -> Buffer<Int32> {
    let offsets = try Buffer<Int32>(count: 2 * rows + 1)
    for row in 0..<rows {
      offsets[row] = Int32(row * depth)
      offsets[rows + row] = Int32(row * columns)
    }
    return offsets
  }

  /// Operations a second, the best of some runs.
  private func peak(multiplyAdds: Int, _ body: () -> Void) -> Double {
    let clock = ContinuousClock()
    var best = Double.infinity
    for _ in 0..<200 {
      let start = clock.now
      for _ in 0..<100 { body() }
      best = min(best, (clock.now - start) / .seconds(1))
    }
    return 100 * 2 * Double(multiplyAdds) / best
  }
#endif
