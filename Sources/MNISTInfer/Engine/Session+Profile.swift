#if !hasFeature(Embedded)
  import CKernels

  /// How one layer runs and how long it takes.
  package struct LayerProfile {
    /// "product", "winograd F(4×4)", "depthwise", "pool", "elementwise", "copy", "softmax", or "none" for what needs no work.
    package var method: String
    /// For the pictures of one run, median over the runs.
    package var nanoseconds: Double
  }

  extension Session {
    /// Runs the network on `count` pictures, at most a chunk, with one thread and a clock between the layers.
    ///
    /// All layers run in each repetition, so that each finds the caches as the one before it left them. The clock itself
    /// takes some 30 ns a layer.
    package func profile(
      _ pictures: UnsafePointer<UInt8>, count: Int, repetitions: Int, probabilities: UnsafeMutablePointer<Float>
    ) -> [LayerProfile] {
      let execution = soloExecution
      let stepCount = plan.pointee.tables.steps.count
      var times = [[Double]](repeating: [], count: stepCount)
      let clock = ContinuousClock()
      for _ in 0..<repetitions {
        execution.load(pictures, count: count, model.pointee.normalisation)
        var last = clock.now
        for index in 0..<stepCount {
          execution.run(plan.pointee.tables.steps[index], count: count, probabilities: probabilities)
          let now = clock.now
          times[index].append((now - last) / .nanoseconds(1))
          last = now
        }
      }
      return (0..<stepCount).map { index in
        LayerProfile(
          method: plan.pointee.tables.steps[index].operation.title, nanoseconds: times[index].sorted()[repetitions / 2])
      }
    }

    /// Pictures that go through the network together.
    package var chunk: Int { plan.pointee.chunk }

    /// Bytes of memory for values and scratch, all threads together.
    package var arenaBytes: Int { memory.count }
  }

  extension Step.Operation {
    fileprivate var title: String {
      switch self {
      case .product: "product"
      case .winograd(let winograd): "winograd F(\(winograd.outputs)×\(winograd.outputs))"
      case .depthwise: "depthwise"
      case .pool: "pool"
      case .add, .activate: "elementwise"
      case .flatten: "copy"
      case .softmax: "softmax"
      case .integer(.product): "product"
      case .integer(.maxPool), .integer(.averagePool): "pool"
      case .integer(.add): "elementwise"
      case .integer(.table): "table"
      case .integer(.flatten): "copy"
      case .integer(.softmax): "softmax"
      case .nothing: "none"
      }
    }
  }

  /// The multiply-adds a second, times two, that one core reaches in the widest tile with everything in its first cache: what
  /// the layers' speed is compared with.
  package func peakFlops() throws(Failure) -> Double {
    let kernels = selectKernels()
    // Six rows are a whole tile in every build; its input and weights take some 70 KiB at most.
    let (rows, depth, columns) = (6, 256, kernels.widest_panel)
    let input = try Buffer<Float>(count: rows * depth)
    let weights = try Buffer<Float>(count: depth * columns)
    let bias = try Buffer<Float>(count: columns)
    let output = try Buffer<Float>(count: rows * columns)
    let offsets = try Buffer<Int32>(count: 2 * rows + 1)
    for row in 0..<rows {
      offsets[row] = Int32(row * depth)
      offsets[rows + row] = Int32(row * columns)
    }
    var job = dnn_gemm_job()
    (job.input, job.weights, job.bias) = (
      UnsafePointer(input.start), UnsafePointer(weights.start), UnsafePointer(bias.start)
    )
    (job.row_offsets, job.output_offsets) = (UnsafePointer(offsets.start), UnsafePointer(offsets.start + rows))
    (job.tap_offsets, job.taps, job.depth) = (UnsafePointer(offsets.start + 2 * rows), 1, depth)
    (job.rows, job.columns, job.output) = (rows, columns, output.start)
    let clock = ContinuousClock()
    var best = Double.infinity
    for _ in 0..<200 {
      let start = clock.now
      for _ in 0..<100 { kernels.gemm(&job) }
      best = min(best, (clock.now - start) / .seconds(1))
    }
    return 100 * 2 * Double(rows * depth * columns) / best
  }
#endif
