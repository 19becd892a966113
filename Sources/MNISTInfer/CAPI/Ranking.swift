import CMNISTInfer

/// Finds the likeliest of many classes in the caller's memory alone.
///
/// A heap whose root is the worst of the best so far (Williams, "Algorithm 232: Heapsort", 1964): a class that is better takes
/// its place. Of n classes, the best k take about n log k steps at most.
struct Ranking {
  /// At least one.
  let best: UnsafeMutablePointer<dnn_prediction>
  let count: Int

  /// Writes the likeliest classes, best first; of equals, the lower index first. There are at least `count` classes.
  @inline(never) func fill(
    _ probabilities: UnsafePointer<Float>, _ classes: Int, _ labels: UnsafePointer<UnsafePointer<CChar>?>
  ) {
    for index in 0..<classes {
      let candidate = dnn_prediction(
        class_index: UInt32(truncatingIfNeeded: index), probability: probabilities[index], label: labels[index])
      if index < count {
        best[index] = candidate
        if index == count &- 1 { makeHeap() }
      } else if candidate.probability > best[0].probability {
        // Of equals, the ones that are there come first.
        sink(candidate, from: 0, in: count)
      }
    }
    // The worst goes behind the others, again and again.
    var end = count &- 1
    while end > 0 {
      let last = best[end]
      best[end] = best[0]
      sink(last, from: 0, in: end)
      end &-= 1
    }
  }

  private func makeHeap() {
    var root = count / 2
    while root > 0 {
      root &-= 1
      sink(best[root], from: root, in: count)
    }
  }

  /// Puts a prediction where its parent is worse and its children are better, from a free place downwards in a heap of `size`.
  @inline(never) private func sink(_ prediction: dnn_prediction, from free: Int, in size: Int) {
    var free = free
    while true {
      var child = 2 &* free &+ 1
      if child >= size { break }
      if child &+ 1 < size, isWorse(best[child &+ 1], than: best[child]) { child &+= 1 }
      if !isWorse(best[child], than: prediction) { break }
      best[free] = best[child]
      free = child
    }
    best[free] = prediction
  }

  private func isWorse(_ a: dnn_prediction, than b: dnn_prediction) -> Bool {
    a.probability < b.probability || (a.probability == b.probability && a.class_index > b.class_index)
  }
}
