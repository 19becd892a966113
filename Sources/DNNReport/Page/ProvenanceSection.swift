import DNNModel

/// How the model was made, as its file says, and how the report was.
func provenanceSection(_ evaluation: ModelEvaluation) -> Markup {
  let model = evaluation.model
  let arithmetic = model.quantization.isEmpty ? "float32" : "8-bit integers"
  let file = [("file", evaluation.file), ("size", grouped(evaluation.bytes) + " bytes"), ("computed in", arithmetic)]
  let name = evaluation.file.split(separator: "/").last.map(String.init) ?? evaluation.file
  let command = trainingCommand(model.provenance, outPath: name).map { command -> Markup in
    let what = model.quantization.isEmpty ? "trains the same network again" : "trains the network that was quantized"
    return "<p>This command \(what):</p>\n<pre><code>\(command)</code></pre>\n"
  }
  let pairs = file + (model.provenance.sorted { $0.key < $1.key }) + (model.metadata.sorted { $0.key < $1.key })
  return """
    <h3>How it was made</h3>
    \(command ?? "")<div class="scroll"><table>\(pairs.map(row))</table></div>
    """
}

private func row(_ key: String, _ value: String) -> Markup {
  "<tr><th scope=\"row\">\(key)</th><td class=\"text\"><code>\(value)</code></td></tr>\n"
}
