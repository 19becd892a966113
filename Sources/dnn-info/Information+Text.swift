import DNNCommandLine
import DNNModel

extension Information {
  /// Tables for people.
  func text() -> String {
    let shape = input.map(String.init).joined(separator: "×")
    var parts = [
      """
      \(Terminal.printable(file)): \(grouped(bytes)) bytes
      input \(shape), \(preparation.values.sorted().joined(separator: ", "))
      computed in \(arithmetic)
      \(labels.count) classes: \(labels.map(Terminal.printable).joined(separator: ", "))

      """,
      table(
        [["layer", "kind", "reads", "output", "stored as", "parameters", "multiply-adds"]] + layerRows(), rightFrom: 5),
      table([["section", "offset", "bytes", "CRC-32C"]] + sectionRows(), rightFrom: 1),
    ]
    for (title, pairs) in [("where it came from", provenance), ("metadata", metadata)] where !pairs.isEmpty {
      let rows = pairs.sorted { $0.key < $1.key }.map { ["  " + $0.key, $0.value] }
      parts.append("\(title)\n" + table(rows, rightFrom: 2))
    }
    if !history.isEmpty { parts.append("how training went\n" + table(historyRows(), rightFrom: 0)) }
    if let verification { parts.append(describe(verification)) }
    return parts.joined(separator: "\n")
  }

  private func layerRows() -> [[String]] {
    let rows = layers.enumerated().map { index, layer in
      [
        layer.name.isEmpty ? "\(index)" : layer.name, layer.kind, layer.inputs.map(valueName).joined(separator: " + "),
        layer.output.map(String.init).joined(separator: "×"), layer.elements ?? "",
        layer.parameters == 0 ? "" : grouped(layer.parameters),
        layer.multiplyAdds == 0 ? "" : grouped(layer.multiplyAdds),
      ]
    }
    return rows + [["total", "", "", "", "", grouped(parameters), grouped(multiplyAdds)]]
  }

  private func valueName(_ value: Int) -> String {
    if value == 0 { return "picture" }
    return layers[value - 1].name.isEmpty ? "\(value - 1)" : layers[value - 1].name
  }

  private func sectionRows() -> [[String]] {
    sections.map {
      [$0.tag, grouped($0.offset), grouped($0.length), zeroPadded($0.checksum, 8, radix: 16)]
    }
  }

  private func historyRows() -> [[String]] {
    [["epoch", "training loss", "accuracy", "held-out loss", "accuracy", "learning rate"]]
      + history.enumerated().map { index, epoch in
        [
          "\(index + 1)", decimal(epoch.trainingLoss, 4), percent(epoch.trainingAccuracy),
          decimal(epoch.heldOutLoss, 4), percent(epoch.heldOutAccuracy), significant(Double(epoch.learningRate), 3),
        ]
      }
  }

  private func percent(_ share: Float) -> String { decimal(100 * share, 2) + " %" }

  private func describe(_ verification: Verification) -> String {
    guard verification.pictures > 0 else { return "self-test: the file has none\n" }
    let verdict = verification.isPassed ? "passed" : "FAILED"
    return
      "self-test: \(verdict); \(verification.pictures) pictures, largest difference \(verification.largestDifference), "
      + "allowed \(verification.tolerance) (\(verification.instructionSet))\n"
  }
}
