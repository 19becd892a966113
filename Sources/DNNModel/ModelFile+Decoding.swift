import CPlatform
import MNISTInfer

extension ModelFile {
  /// Reads a file's bytes with the runtime's own reader, which checks them all.
  ///
  /// - Parameter bytes: a complete file.
  /// - Throws: `Failure` with the reader's reason.
  public init(decoding bytes: [UInt8]) throws {
    self = try ModelFile.withModel(bytes) { ModelFile($0) }
  }

  /// Whether the runtime's reader accepts the bytes.
  static func check(_ bytes: [UInt8]) throws {
    try withModel(bytes) { _ in }
  }

  private static func withModel<Result>(_ bytes: [UInt8], _ body: (borrowing Model) throws -> Result) throws -> Result {
    try bytes.withUnsafeBytes { bytes in
      let model = try Model.make(copying: bytes)
      defer { Model.release(model) }
      return try body(model.pointee)
    }
  }

  private init(_ model: borrowing Model) {
    let network = model.network.layers.count
    self.init(
      input: model.network.input,
      layers: (0..<network).map { LayerDescription(model.network.layers[$0]) },
      tensors: (0..<model.network.tensors.count).map { TensorDescription(model.network.tensors[$0]) },
      labels: (0..<model.labels.count).map { model.labels[$0].map { String(cString: $0) } ?? "" },
      preparation: model.preparation,
      normalisation: ModelFile.channels(model.normalisation, count: model.network.input.channels))
    if model.network.isInteger { quantization = (0...network).map { model.network.quantization(ofValue: $0) } }
    provenance = ModelFile.pairs(model.container.section(.provenance))
    metadata = ModelFile.pairs(model.container.section(.metadata))
    history = ModelFile.history(model.container.section(.history))
    selfTest = model.container.section(.selfTest).map {
      SelfTest($0, pictureSize: model.network.input.count)
    }
    trainingState = model.container.section(.training).map { Array($0) }
  }

  private static func channels(_ record: NormalisationRecord, count: Int) -> [(scale: Float, offset: Float)] {
    let all = [
      (scale: record.scale.0, offset: record.offset.0), (scale: record.scale.1, offset: record.offset.1),
      (scale: record.scale.2, offset: record.offset.2), (scale: record.scale.3, offset: record.offset.3),
    ]
    return Array(all.prefix(count))
  }

  /// Keys and values of a section that the reader has checked.
  private static func pairs(_ section: UnsafeRawBufferPointer?) -> [String: String] {
    guard let section else { return [:] }
    var position = 4
    func text() -> String {
      let length = Int(section.loadUnaligned(fromByteOffset: position, as: UInt32.self))
      defer { position += 4 + length + 1 }
      return String(decoding: section[(position + 4)..<(position + 4 + length)], as: UTF8.self)
    }
    var pairs: [String: String] = [:]
    while position < section.count {
      let key = text()
      pairs[key] = text()
    }
    return pairs
  }
}

extension ModelFile {
  /// The records of a section that the reader has checked.
  private static func history(_ section: UnsafeRawBufferPointer?) -> [TrainingEpoch] {
    guard let section, let start = section.baseAddress else { return [] }
    return stride(from: 0, to: section.count, by: EpochRecord.size).map { offset in
      let record = EpochRecord.read(start + offset).record
      return TrainingEpoch(
        trainingLoss: record.trainingLoss, trainingAccuracy: record.trainingAccuracy, heldOutLoss: record.heldOutLoss,
        heldOutAccuracy: record.heldOutAccuracy, learningRate: record.learningRate)
    }
  }
}

extension ModelFile.SelfTest {
  fileprivate init(_ section: UnsafeRawBufferPointer, pictureSize: Int) {
    let count = Int(section.loadUnaligned(as: UInt32.self))
    let start = SelfTestRecord.size
    let end = start + count * pictureSize
    pictures = Array(section[start..<end])
    probabilities = stride(from: roundUp(end, to: 4), to: section.count, by: 4).map {
      Float(bitPattern: section.loadUnaligned(fromByteOffset: $0, as: UInt32.self))
    }
    tolerance = Float(bitPattern: section.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
  }
}

extension LayerDescription {
  fileprivate init(_ layer: Layer) {
    self.init(
      layer.kind, name: layer.name.text,
      inputs: layer.inputCount == 2 ? [layer.inputs.0, layer.inputs.1] : [layer.inputs.0], output: layer.output)
    window = layer.window
    if window.groups == 0 { window.groups = 1 }
    activation = layer.activation
    activationParameter = layer.activationParameter
    weights = layer.weights
    bias = layer.bias
  }
}

extension TensorDescription {
  fileprivate init(_ tensor: Tensor) {
    let all = [tensor.dimensions.0, tensor.dimensions.1, tensor.dimensions.2, tensor.dimensions.3]
    let elements: Elements =
      switch tensor.type {
      case .float32: .float32(Array(UnsafeBufferPointer(start: tensor.floats, count: tensor.elementCount)))
      case .int8:
        .int8(Array(UnsafeBufferPointer(start: tensor.bytes, count: tensor.elementCount)), scales: tensor.scales ?? 0)
      case .int32: .int32(Array(UnsafeBufferPointer(start: tensor.integers, count: tensor.elementCount)))
      case .uint8: .uint8(Array(UnsafeBufferPointer(start: tensor.table, count: tensor.elementCount)))
      }
    self.init(name: tensor.name.text, dimensions: Array(all.prefix(tensor.rank)), elements: elements)
  }
}
