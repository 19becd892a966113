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

    /// Whether the model is computed in integers.
    package var isInteger: Bool { plan.pointee.isInteger }

    /// The name of the kernels in use.
    package var kernelName: String {
      String(cString: isInteger ? plan.pointee.integerKernels.name : plan.pointee.kernels.name)
    }

    /// Bytes of memory for values and scratch, all threads together.
    package var arenaBytes: Int { memory.count }
  }

  extension Step.Operation {
    fileprivate var title: String {
      switch self {
      case .product: "product"
      case .winograd(let winograd): "winograd F(\(winograd.pointee.outputs)×\(winograd.pointee.outputs))"
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
#endif
