import MNISTInfer

/// The float network's logits on some images: how far a simulation's are from them is what choices are made by.
///
/// The error of the network's result and not of the value that a choice is about: of ranges, for example, the one with the least
/// squared error is a candidate already, and what matters is which errors the layers behind it pass on.
struct LogitsComparison {
  private let images: Dataset
  private let parallel: Parallel
  /// Image after image, each less its mean, which the softmax does not see.
  private let expected: [Float]

  /// - Parameters:
  ///   - reference: the float network.
  ///   - images: what to compare on.
  ///   - parallel: as many workers as the simulations have.
  init(_ reference: Simulation, on images: Dataset, _ parallel: Parallel) {
    (self.images, self.parallel) = (images, parallel)
    expected = LogitsComparison.logits(reference, images, parallel)
  }

  /// The sum over all images and classes of the squared differences.
  func squaredError(_ simulation: Simulation) -> Double {
    zip(LogitsComparison.logits(simulation, images, parallel), expected).reduce(0) {
      $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1)
    }
  }

  private static func logits(_ simulation: Simulation, _ images: Dataset, _ parallel: Parallel) -> [Float] {
    let classes = simulation.model.labels.count
    return Array(unsafeUninitializedCapacity: images.count * classes) { all, count in
      parallel.forEachShard(of: images) { range, worker in
        simulation.run(range, of: images, worker: worker)
        for (place, image) in range.enumerated() {
          let logits = simulation.elements(.logits, ofImage: place, worker: worker)
          let mean = logits.reduce(0, +) / Float(classes)
          for (index, logit) in logits.enumerated() {
            (all.baseAddress! + image * classes + index).initialize(to: logit - mean)
          }
        }
      }
      count = images.count * classes
    }
  }
}

/// Sums over images of something that a simulation and the float network differ in, the same for any number of workers.
///
/// - Parameters:
///   - images: what to run both on.
///   - simulation: a network.
///   - reference: another one of the same layers.
///   - parallel: as many workers as both have.
///   - places: what to look at, in the order in which it is computed.
///   - count: how many sums.
///   - compare: adds what one image has at one of the places, given by its index, to the image's part of the sums.
/// - Returns: the sums.
func sums(
  over images: Dataset, _ simulation: Simulation, _ reference: Simulation, _ parallel: Parallel,
  at places: [Simulation.Place], count: Int,
  _ compare: (_ place: Int, _ actual: [Float], _ expected: [Float], _ sums: inout [Double]) -> Void
) -> [Double] {
  guard let last = places.last else { return [] }
  let parts = UnsafeMutableBufferPointer<[Double]>.allocate(capacity: images.count)
  parts.initialize(repeating: Array(repeating: 0, count: count))
  defer {
    parts.deinitialize()
    parts.deallocate()
  }
  parallel.forEachShard(of: images) { range, worker in
    simulation.run(range, of: images, worker: worker, upTo: last)
    reference.run(range, of: images, worker: worker, upTo: last)
    for (offset, image) in range.enumerated() {
      for (index, place) in places.enumerated() {
        compare(
          index, simulation.elements(place, ofImage: offset, worker: worker),
          reference.elements(place, ofImage: offset, worker: worker), &parts[image])
      }
    }
  }
  return parts.reduce(into: Array(repeating: 0, count: count)) { total, part in
    for index in part.indices { total[index] += part[index] }
  }
}
