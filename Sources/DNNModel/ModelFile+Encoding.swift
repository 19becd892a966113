import MNISTInfer

extension ModelFile {
  /// The file's bytes. The same model always gives the same bytes.
  ///
  /// - Returns: a complete file, which the runtime's own reader has accepted.
  /// - Throws: `ModelFileError` if the format cannot express the model.
  public func encoded() throws -> [UInt8] {
    let (table, data) = try encodedTensors()
    var sections: [(SectionKind, [UInt8])] = [
      (.layers, try encodedLayers()),
      (.tensors, table),
      (.labels, try encodedTexts(labels, count: labels.count)),
      (.preparation, try encodedPreparation()),
      (.normalisation, encodedNormalisation()),
    ]
    if !quantization.isEmpty { sections.append((.quantization, try encodedQuantization())) }
    if !provenance.isEmpty { sections.append((.provenance, try encodedPairs(provenance))) }
    if !metadata.isEmpty { sections.append((.metadata, try encodedPairs(metadata))) }
    if !history.isEmpty { sections.append((.history, history.flatMap { EpochRecord($0).encoded })) }
    if let selfTest { sections.append((.selfTest, try encodedSelfTest(selfTest))) }
    if let trainingState { sections.append((.training, trainingState)) }
    sections.append((.data, data))
    let file = assemble(sections.map { ($0.tag, $0.flags, $1) })
    do {
      try ModelFile.check(file)
    } catch let failure as Failure {
      throw ModelFileError.invalid(failure.description)
    }
    return file
  }

  private func encodedLayers() throws -> [UInt8] {
    var network = NetworkRecord()
    network.height = try field(input.height, "the input's height")
    network.width = try field(input.width, "the input's width")
    network.channels = try field(input.channels, "the input's channels")
    network.layerCount = try field(layers.count, "the number of layers")
    return try layers.enumerated().reduce(into: network.encoded) { $0 += try record($1.element, $1.offset).encoded }
  }

  private func record(_ layer: LayerDescription, _ index: Int) throws -> LayerRecord {
    let what = "layer \(index)"
    var record = LayerRecord()
    record.kind = layer.kind.code
    record.name = try Name(layer.name)
    guard layer.inputs.count == (layer.kind == .add ? 2 : 1) else {
      throw ModelFileError.outOfRange(what: "\(what): the number of inputs", value: layer.inputs.count)
    }
    record.inputs.0 = try field(layer.inputs[0], what)
    record.inputs.1 = layer.inputs.count == 2 ? try field(layer.inputs[1], what) : 0
    record.outputHeight = try field(layer.output.height, what)
    record.outputWidth = try field(layer.output.width, what)
    record.outputChannels = try field(layer.output.channels, what)
    switch layer.kind {
    case .convolution: record.window = try windowRecord(layer.window, groups: layer.window.groups, what)
    case .maxPool, .averagePool: record.window = try windowRecord(layer.window, groups: 0, what)
    case .dense, .globalAveragePool, .add, .flatten, .activation, .softmax: break
    }
    record.activation = layer.activation.rawValue
    record.activationParameter = layer.activationParameter
    record.weights = try layer.weights.map { try field($0, what) } ?? noTensor
    record.bias = try layer.bias.map { try field($0, what) } ?? noTensor
    return record
  }

  private func windowRecord(_ window: Window, groups: Int, _ what: String) throws -> WindowRecord {
    var record = WindowRecord()
    record.height = try field(window.height, what)
    record.width = try field(window.width, what)
    record.strideHeight = try field(window.strideHeight, what)
    record.strideWidth = try field(window.strideWidth, what)
    record.padTop = try field(window.padTop, what)
    record.padLeft = try field(window.padLeft, what)
    record.padBottom = try field(window.padBottom, what)
    record.padRight = try field(window.padRight, what)
    record.dilationHeight = try field(window.dilationHeight, what)
    record.dilationWidth = try field(window.dilationWidth, what)
    record.groups = try field(groups, what)
    return record
  }

  private func encodedTensors() throws -> (table: [UInt8], data: [UInt8]) {
    var (table, data): ([UInt8], [UInt8]) = ([], [])
    for (index, tensor) in tensors.enumerated() {
      let what = "tensor \(index)"
      guard (1...4).contains(tensor.dimensions.count) else {
        throw ModelFileError.outOfRange(what: "\(what): the number of dimensions", value: tensor.dimensions.count)
      }
      pad(&data)
      var record = TensorRecord()
      record.name = try Name(tensor.name)
      record.rank = UInt32(tensor.dimensions.count)
      let dimensions = try (tensor.dimensions + [0, 0, 0]).map { try field($0, what) as UInt32 }
      record.dimensions = (dimensions[0], dimensions[1], dimensions[2], dimensions[3])
      record.offset = UInt64(data.count)
      switch tensor.elements {
      case .float32(let values):
        record.type = TensorType.float32.rawValue
        record.scales = noTensor
        for value in values { append(value.bitPattern, to: &data) }
      case .int8(let values, let scales):
        record.type = TensorType.int8.rawValue
        record.scales = try field(scales, what)
        data += values.map { UInt8(bitPattern: $0) }
      case .int32(let values):
        record.type = TensorType.int32.rawValue
        record.scales = noTensor
        for value in values { append(UInt32(bitPattern: value), to: &data) }
      case .uint8(let values):
        record.type = TensorType.uint8.rawValue
        record.scales = noTensor
        data += values
      }
      record.length = UInt64(data.count) - record.offset
      table += record.encoded
    }
    return (table, data)
  }

  private func encodedPreparation() throws -> [UInt8] {
    var record = PreparationRecord()
    record.polarity = preparation.polarity.rawValue
    record.placement = preparation.placement.rawValue
    record.boxHeight = try field(preparation.boxHeight, "the preparation's box height")
    record.boxWidth = try field(preparation.boxWidth, "the preparation's box width")
    record.steps = preparation.steps.rawValue
    return record.encoded
  }

  private func encodedNormalisation() -> [UInt8] {
    var record = NormalisationRecord()
    let scales = normalisation.map(\.scale) + [0, 0, 0, 0]
    let offsets = normalisation.map(\.offset) + [0, 0, 0, 0]
    record.scale = (scales[0], scales[1], scales[2], scales[3])
    record.offset = (offsets[0], offsets[1], offsets[2], offsets[3])
    return record.encoded
  }

  private func encodedQuantization() throws -> [UInt8] {
    try quantization.enumerated().reduce(into: []) { bytes, value in
      var record = QuantizationRecord()
      record.scale = value.element.scale
      record.zeroPoint = try field(value.element.zeroPoint, "the zero point of value \(value.offset)")
      bytes += record.encoded
    }
  }

  private func encodedSelfTest(_ test: SelfTest) throws -> [UInt8] {
    var record = SelfTestRecord()
    record.count = try field(test.pictures.count / max(input.count, 1), "the number of self-test pictures")
    record.tolerance = test.tolerance
    var bytes = record.encoded + test.pictures
    while bytes.count % 4 != 0 { bytes.append(0) }
    for probability in test.probabilities { append(probability.bitPattern, to: &bytes) }
    return bytes
  }

  private func encodedPairs(_ pairs: [String: String]) throws -> [UInt8] {
    let sorted = pairs.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    return try encodedTexts(sorted.flatMap { [$0.key, $0.value] }, count: sorted.count)
  }

  private func encodedTexts(_ texts: [String], count: Int) throws -> [UInt8] {
    var bytes: [UInt8] = []
    append(try field(count, "the number of texts") as UInt32, to: &bytes)
    for text in texts {
      append(try field(text.utf8.count, "the length of a text") as UInt32, to: &bytes)
      bytes += text.utf8
      bytes.append(0)
    }
    return bytes
  }
}

extension EpochRecord {
  fileprivate init(_ epoch: TrainingEpoch) {
    self.init()
    trainingLoss = epoch.trainingLoss
    trainingAccuracy = epoch.trainingAccuracy
    heldOutLoss = epoch.heldOutLoss
    heldOutAccuracy = epoch.heldOutAccuracy
    learningRate = epoch.learningRate
  }
}

/// Puts a header and a table of sections before the sections.
package func assemble(_ sections: [(tag: FourCC, flags: UInt32, bytes: [UInt8])]) -> [UInt8] {
  var position = FileHeader.size + sections.count * SectionEntry.size
  var table: [UInt8] = []
  var body: [UInt8] = []
  for section in sections {
    let start = roundUp(position, to: memoryAlignment)
    body.append(contentsOf: repeatElement(0, count: start - position))
    var entry = SectionEntry()
    entry.tag = section.tag
    entry.flags = section.flags
    entry.offset = UInt64(start)
    entry.length = UInt64(section.bytes.count)
    entry.checksum = section.bytes.withUnsafeBytes(Checksum.of)
    table += entry.encoded
    body += section.bytes
    position = start + section.bytes.count
  }
  var header = FileHeader()
  header.signature = FileHeader.signature
  header.majorVersion = Container.majorVersion
  header.minorVersion = Container.minorVersion
  header.sectionCount = UInt32(sections.count)
  header.fileSize = UInt64(position)
  let unsigned = header.encoded + table
  header.checksum = unsigned.withUnsafeBytes { headerChecksum($0, end: $0.count) }
  return header.encoded + table + body
}

/// An integer of the format, or an error that says what does not fit.
private func field<Integer: FixedWidthInteger>(_ value: Int, _ what: String) throws -> Integer {
  guard let result = Integer(exactly: value) else { throw ModelFileError.outOfRange(what: what, value: value) }
  return result
}

private func append(_ value: UInt32, to bytes: inout [UInt8]) {
  withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
}

/// Zeros up to the next multiple of the format's alignment.
private func pad(_ bytes: inout [UInt8]) {
  bytes.append(contentsOf: repeatElement(0, count: roundUp(bytes.count, to: memoryAlignment) - bytes.count))
}
