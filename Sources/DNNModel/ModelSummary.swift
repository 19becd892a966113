import CMNISTInfer
import MNISTInfer

/// What a file is made of, for people: its sections, and its layers with what they cost.
public struct ModelSummary {
  /// In the order of the file.
  public let sections: [Section]
  /// In the order of the network.
  public let layers: [Layer]

  /// A section of the file.
  public struct Section: Codable {
    /// Four letters.
    public let tag: String
    /// From the start of the file, in bytes.
    public let offset: Int
    /// In bytes, without padding.
    public let length: Int
    /// CRC-32C, as the file has it; it has been checked.
    public let checksum: UInt32
    /// Whether a reader that does not know the section may skip it.
    public let isSkippable: Bool
  }

  /// A layer of the network.
  public struct Layer: Codable {
    /// "convolution", "dense", …
    public let kind: String
    /// May be empty.
    public let name: String
    /// Values it reads: 0 is the picture, i + 1 the output of layer i.
    public let inputs: [Int]
    /// Height, width and channels.
    public let output: [Int]
    /// How its weights, or its table, are stored: "float32", "int8", "uint8"; nil if it has neither.
    public let elements: String?
    /// Weights and biases.
    public let parameters: Int
    /// For one picture.
    public let multiplyAdds: Int
  }

  /// Checks a file as the runtime does and describes it.
  ///
  /// - Parameter bytes: a complete file.
  /// - Throws: `Failure` with the reader's reason.
  public init(bytes: [UInt8]) throws {
    var model: OpaquePointer?
    var error = dnn_error()
    guard bytes.withUnsafeBytes({ modelOpenMemory($0.baseAddress, $0.count, &model, &error) }) == DNN_OK else {
      throw Failure(error)
    }
    defer { modelClose(model) }
    layers = (0..<modelLayerCount(model)).map { index in
      var info = dnn_layer_info()
      _ = modelLayer(model, index, &info, nil)
      return Layer(info, elements: ModelSummary.elements(ofLayer: Int(index), of: Model.Handle(model!)))
    }
    sections = bytes.withUnsafeBytes { file in
      let header = FileHeader.read(file.baseAddress!).record
      return (0..<Int(header.sectionCount)).map { index in
        Section(SectionEntry.read(file.baseAddress! + FileHeader.size + index * SectionEntry.size).record)
      }
    }
  }
}

extension ModelSummary {
  fileprivate static func elements(ofLayer index: Int, of model: Model.Handle) -> String? {
    model.pointee.network.layers[index].weights.map { "\(model.pointee.network.tensors[$0].type)" }
  }
}

extension ModelSummary.Section {
  fileprivate init(_ entry: SectionEntry) {
    tag = withUnsafeBytes(of: entry.tag.rawValue.littleEndian) { String(decoding: $0, as: UTF8.self) }
    offset = Int(entry.offset)
    length = Int(entry.length)
    checksum = entry.checksum
    isSkippable = entry.flags & SectionEntry.skippable != 0
  }
}

extension ModelSummary.Layer {
  fileprivate init(_ info: dnn_layer_info, elements: String?) {
    kind = String(cString: info.kind)
    name = String(cString: info.name)
    inputs = info.input_count == 2 ? [Int(info.inputs.0), Int(info.inputs.1)] : [Int(info.inputs.0)]
    output = [Int(info.height), Int(info.width), Int(info.channels)]
    self.elements = elements
    parameters = Int(info.parameters)
    multiplyAdds = Int(info.multiply_adds)
  }
}
