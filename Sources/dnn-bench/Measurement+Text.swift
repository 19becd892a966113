import DNNCommandLine
import DNNModel

extension Measurement {
  private var winogradNote: String {
    if !layers.contains(where: { $0.method.contains("winograd") }) { return "" }
    return """

      \(unit) and the share of the peak count the operations of the direct convolution,
      of which Winograd's needs fewer: it can pass the peak

      """
  }

  private var unit: String { arithmetic == "float32" ? "Gflop/s" : "Gop/s" }

  /// Tables for people.
  func text() -> String {
    let spread = latency.medians.map { decimal($0, 2) }.joined(separator: " to ")
    let head = """
      \(Terminal.printable(file)): \(arithmetic), \(instructionSet), threads: \(threads), \(grouped(arenaBytes)) bytes of memory
      one core reaches \(decimal(peakGops, 0)) \(unit) in its widest tile

      one picture: median \(decimal(latency.median, 2)) µs (\(spread) in 5 repeats), p99 \(decimal(latency.p99, 2)), \
      minimum \(decimal(latency.minimum, 2))

      """
    let batches = throughput.map { entry in
      let range = entry.range.map { grouped(Int($0)) }.joined(separator: " to ")
      return "batches of \(entry.batch): median \(grouped(Int(entry.median))) pictures/s (\(range) in 5 repeats)\n"
    }
    let rows = layers.map { layer in
      [
        layer.name, layer.kind, layer.method, decimal(layer.microseconds, 3),
        layer.gops > 0 ? decimal(layer.gops, 1) : "",
        layer.gops > 0 ? decimal(100 * layer.shareOfPeak, 0) + " %" : "",
      ]
    }
    let titles = ["layer", "kind", "method", "µs/picture", unit, "of peak"]
    return head + batches.joined() + "\none thread, \(chunk) pictures at a time\n"
      + table([titles] + rows, rightFrom: 3) + winogradNote
  }
}
