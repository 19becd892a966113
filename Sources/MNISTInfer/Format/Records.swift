/// The first bytes of the file.
package struct FileHeader: Record {
  package static let size = 32
  /// 0x89 shows a transfer that dropped the eighth bit, CR LF and LF one that converted line ends, ^Z stops a DOS `type`:
  /// the reasoning of the PNG specification, section 5.2.
  package static let signature = UInt64(littleEndian: 0x0a1a_0a0d_4e4e_4489)

  package var signature: UInt64 = 0
  package var majorVersion: UInt16 = 0
  package var minorVersion: UInt16 = 0
  package var sectionCount: UInt32 = 0
  package var fileSize: UInt64 = 0
  /// CRC-32C of the header, with this field zero, and the section table after it.
  package static let checksumOffset = 24
  package var checksum: UInt32 = 0

  package init() {}

  package mutating func code<Coder: FieldCoder>(_ coder: inout Coder) {
    coder.field("signature", &signature)
    coder.field("major version", &majorVersion)
    coder.field("minor version", &minorVersion)
    coder.field("section count", &sectionCount)
    coder.field("file size", &fileSize)
    coder.field("checksum", &checksum)
    coder.reserved(4)
  }
}

/// Where a section stands and how it is recognised.
package struct SectionEntry: Record {
  package static let size = 32
  /// Bit 0 of `flags`: a reader that does not know the section may skip it.
  package static let skippable: UInt32 = 1

  package var tag = FourCC(rawValue: 0)
  package var flags: UInt32 = 0
  package var offset: UInt64 = 0
  package var length: UInt64 = 0
  /// CRC-32C of the section's bytes, without the padding after it.
  package var checksum: UInt32 = 0

  package init() {}

  package mutating func code<Coder: FieldCoder>(_ coder: inout Coder) {
    coder.field("tag", &tag)
    coder.field("flags", &flags)
    coder.field("offset", &offset)
    coder.field("length", &length)
    coder.field("checksum", &checksum)
    coder.reserved(4)
  }
}

/// Start of the layers' section: the picture that goes in.
package struct NetworkRecord: Record {
  package static let size = 16
  package var height: UInt32 = 0
  package var width: UInt32 = 0
  package var channels: UInt32 = 0
  package var layerCount: UInt32 = 0

  package init() {}

  package mutating func code<Coder: FieldCoder>(_ coder: inout Coder) {
    coder.field("height", &height)
    coder.field("width", &width)
    coder.field("channels", &channels)
    coder.field("layer count", &layerCount)
  }
}

/// In place of the index of a tensor: there is none.
package let noTensor = UInt32.max

/// One layer. Fields that its kind does not use are zero, or `noTensor`.
package struct LayerRecord: Record {
  package static let size = 128
  /// Where the name stands in the record.
  package static let nameOffset = 4

  package var kind = FourCC(rawValue: 0)
  package var name = Name()
  /// Values this layer reads: 0 is the picture, i + 1 the output of layer i.
  package var inputs: (UInt32, UInt32) = (0, 0)
  package var outputHeight: UInt32 = 0
  package var outputWidth: UInt32 = 0
  package var outputChannels: UInt32 = 0
  package var window = WindowRecord()
  package var activation: UInt32 = 0
  package var activationParameter: Float = 0
  package var weights: UInt32 = 0
  package var bias: UInt32 = 0

  package init() {}

  package mutating func code<Coder: FieldCoder>(_ coder: inout Coder) {
    coder.field("kind", &kind)
    coder.field("name", &name)
    coder.field("first input", &inputs.0)
    coder.field("second input", &inputs.1)
    coder.field("output height", &outputHeight)
    coder.field("output width", &outputWidth)
    coder.field("output channels", &outputChannels)
    window.code(&coder)
    coder.field("activation", &activation)
    coder.field("activation parameter", &activationParameter)
    coder.field("weights", &weights)
    coder.field("bias", &bias)
    coder.reserved(16)
  }
}

/// How a convolution's kernel or a pooling window moves over its input.
package struct WindowRecord: Equatable {
  package var height: UInt32 = 0
  package var width: UInt32 = 0
  package var strideHeight: UInt32 = 0
  package var strideWidth: UInt32 = 0
  package var padTop: UInt16 = 0
  package var padLeft: UInt16 = 0
  package var padBottom: UInt16 = 0
  package var padRight: UInt16 = 0
  package var dilationHeight: UInt16 = 0
  package var dilationWidth: UInt16 = 0
  package var groups: UInt32 = 0

  package init() {}

  package mutating func code<Coder: FieldCoder>(_ coder: inout Coder) {
    coder.field("window height", &height)
    coder.field("window width", &width)
    coder.field("vertical stride", &strideHeight)
    coder.field("horizontal stride", &strideWidth)
    coder.field("padding above", &padTop)
    coder.field("padding left", &padLeft)
    coder.field("padding below", &padBottom)
    coder.field("padding right", &padRight)
    coder.field("vertical dilation", &dilationHeight)
    coder.field("horizontal dilation", &dilationWidth)
    coder.field("groups", &groups)
  }
}

/// One tensor: its type, its shape, and where its elements stand in the data section.
package struct TensorRecord: Record {
  package static let size = 96

  package var name = Name()
  package var type: UInt32 = 0
  package var rank: UInt32 = 0
  /// The first `rank` are used, the others are zero.
  package var dimensions: (UInt32, UInt32, UInt32, UInt32) = (0, 0, 0, 0)
  /// From the start of the data section, a multiple of 64.
  package var offset: UInt64 = 0
  package var length: UInt64 = 0
  /// For int8: the index of the float32 tensor with a scale for each element of the last dimension; otherwise none.
  package var scales: UInt32 = 0

  package init() {}

  package mutating func code<Coder: FieldCoder>(_ coder: inout Coder) {
    coder.field("name", &name)
    coder.field("type", &type)
    coder.field("rank", &rank)
    coder.field("dimension 0", &dimensions.0)
    coder.field("dimension 1", &dimensions.1)
    coder.field("dimension 2", &dimensions.2)
    coder.field("dimension 3", &dimensions.3)
    coder.field("offset", &offset)
    coder.field("length", &length)
    coder.field("scales", &scales)
    coder.reserved(12)
  }
}

/// What becomes of an 8-bit channel before the first layer: value * scale + offset.
package struct NormalisationRecord: Record {
  package static let size = 32
  package var scale: (Float, Float, Float, Float) = (0, 0, 0, 0)
  package var offset: (Float, Float, Float, Float) = (0, 0, 0, 0)

  package init() {}

  package mutating func code<Coder: FieldCoder>(_ coder: inout Coder) {
    coder.field("scale 0", &scale.0)
    coder.field("scale 1", &scale.1)
    coder.field("scale 2", &scale.2)
    coder.field("scale 3", &scale.3)
    coder.field("offset 0", &offset.0)
    coder.field("offset 1", &offset.1)
    coder.field("offset 2", &offset.2)
    coder.field("offset 3", &offset.3)
  }
}

/// How the 8-bit numbers of one value of an integer model stand for real ones: scale * (q - zero point).
package struct QuantizationRecord: Record {
  package static let size = 8
  package var scale: Float = 0
  package var zeroPoint: UInt32 = 0

  package init() {}

  package mutating func code<Coder: FieldCoder>(_ coder: inout Coder) {
    coder.field("scale", &scale)
    coder.field("zero point", &zeroPoint)
  }
}

/// How a picture of any size and colour becomes one of the model's input shape.
package struct PreparationRecord: Record {
  package static let size = 32
  package var polarity: UInt32 = 0
  package var placement: UInt32 = 0
  /// Not for `Placement.stretch`: the box, in pixels of the input, that the ink is scaled to fit.
  package var boxHeight: UInt32 = 0
  package var boxWidth: UInt32 = 0
  /// Bits of `PreparationSteps`.
  package var steps: UInt32 = 0

  package init() {}

  package mutating func code<Coder: FieldCoder>(_ coder: inout Coder) {
    coder.field("polarity", &polarity)
    coder.field("placement", &placement)
    coder.field("box height", &boxHeight)
    coder.field("box width", &boxWidth)
    coder.field("steps", &steps)
    coder.reserved(12)
  }
}

/// One epoch of the training: what it measured, and the learning rate of its last step.
package struct EpochRecord: Record {
  package static let size = 32
  package var trainingLoss: Float = 0
  package var trainingAccuracy: Float = 0
  package var heldOutLoss: Float = 0
  package var heldOutAccuracy: Float = 0
  package var learningRate: Float = 0

  package init() {}

  package mutating func code<Coder: FieldCoder>(_ coder: inout Coder) {
    coder.field("training loss", &trainingLoss)
    coder.field("training accuracy", &trainingAccuracy)
    coder.field("held-out loss", &heldOutLoss)
    coder.field("held-out accuracy", &heldOutAccuracy)
    coder.field("learning rate", &learningRate)
    coder.reserved(12)
  }
}

/// Start of the self-test's section. The pictures follow, count × height × width × channels bytes, padded with zeros to a
/// multiple of 4; then count × classes probabilities in float32.
package struct SelfTestRecord: Record {
  package static let size = 8
  package var count: UInt32 = 0
  /// Largest difference of a probability from the one stored.
  package var tolerance: Float = 0

  package init() {}

  package mutating func code<Coder: FieldCoder>(_ coder: inout Coder) {
    coder.field("count", &count)
    coder.field("tolerance", &tolerance)
  }
}
