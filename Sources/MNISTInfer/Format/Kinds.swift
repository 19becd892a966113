/// The sections of version 1, in the order in which they stand in a file.
package enum SectionKind: Int {
  case layers, tensors, labels, preparation, normalisation, quantization, provenance, metadata, history, selfTest,
    training
  case data

  package var tag: FourCC {
    switch self {
    case .layers: FourCC("LAYR")
    case .tensors: FourCC("TNSR")
    case .labels: FourCC("LABL")
    case .preparation: FourCC("PREP")
    case .normalisation: FourCC("NORM")
    case .quantization: FourCC("QUAN")
    case .provenance: FourCC("PROV")
    case .metadata: FourCC("META")
    case .history: FourCC("HIST")
    case .selfTest: FourCC("TEST")
    case .training: FourCC("TRNG")
    case .data: FourCC("DATA")
    }
  }

  /// Whether every file has it.
  package var isRequired: Bool {
    switch self {
    case .layers, .tensors, .labels, .preparation, .normalisation, .data: true
    case .quantization, .provenance, .metadata, .history, .selfTest, .training: false
    }
  }

  /// The flags of its entry: a reader that does not know it may skip what is not needed to predict.
  package var flags: UInt32 {
    switch self {
    case .layers, .tensors, .labels, .preparation, .normalisation, .quantization, .data: 0
    case .provenance, .metadata, .history, .selfTest, .training: SectionEntry.skippable
    }
  }

  package static let count = 12

  package init?(tag: FourCC) {
    for index in 0..<SectionKind.count {
      if let kind = SectionKind(rawValue: index), kind.tag == tag {
        self = kind
        return
      }
    }
    return nil
  }
}

/// What a layer computes.
public enum LayerKind: Int, Sendable, BitwiseCopyable {
  case convolution, dense, maxPool, averagePool, globalAveragePool, add, flatten, activation, softmax

  package var code: FourCC {
    switch self {
    case .convolution: FourCC("CONV")
    case .dense: FourCC("DENS")
    case .maxPool: FourCC("MAXP")
    case .averagePool: FourCC("AVGP")
    case .globalAveragePool: FourCC("GAVG")
    case .add: FourCC("ADD ")
    case .flatten: FourCC("FLAT")
    case .activation: FourCC("ACTV")
    case .softmax: FourCC("SOFT")
    }
  }

  package static let count = 9

  package init?(code: FourCC) {
    for index in 0..<LayerKind.count {
      if let kind = LayerKind(rawValue: index), kind.code == code {
        self = kind
        return
      }
    }
    return nil
  }

  /// For people.
  package var title: StaticString {
    switch self {
    case .convolution: "convolution"
    case .dense: "dense"
    case .maxPool: "max pool"
    case .averagePool: "average pool"
    case .globalAveragePool: "global average pool"
    case .add: "add"
    case .flatten: "flatten"
    case .activation: "activation"
    case .softmax: "softmax"
    }
  }

  /// Whether the layer can apply an activation to what it computed.
  var canActivate: Bool {
    switch self {
    case .convolution, .dense, .add, .activation: true
    case .maxPool, .averagePool, .globalAveragePool, .flatten, .softmax: false
    }
  }
}

/// The function applied to each element after a layer's sum. The numbers are those of kernels.h and of the file.
public enum Activation: UInt32, Sendable, BitwiseCopyable {
  case none = 0
  case relu = 1
  case leakyRelu = 2
  case clippedRelu = 3
  case sigmoid = 4
  case tanh = 5

  /// Whether the layer's parameter means something; otherwise it is zero.
  var hasParameter: Bool { self == .leakyRelu || self == .clippedRelu }
}

/// How the elements of a tensor are stored.
package enum TensorType: UInt32, Sendable, BitwiseCopyable {
  case float32 = 1
  /// -127 … 127, times the scale of the element's last coordinate.
  case int8 = 2
  /// The biases of integer models.
  case int32 = 3
  /// The tables of integer models.
  case uint8 = 4

  package var elementSize: Int {
    switch self {
    case .float32, .int32: 4
    case .int8, .uint8: 1
    }
  }
}

/// Which way round a picture's brightness goes.
public enum Polarity: UInt32, Sendable, BitwiseCopyable {
  /// As it is.
  case keep = 0
  /// Inverted where its border is brighter than half: the model knows light on dark.
  case lightOnDark = 1
}

/// How a picture is fitted into the model's input.
public enum Placement: UInt32, Sendable, BitwiseCopyable {
  /// Scaled to the input's size, without regard to its aspect.
  case stretch = 0
  /// What stands out is scaled into a box with its aspect kept, and its centre of mass moved to the middle, as MNIST's digits
  /// were (Y. LeCun, C. Cortes, C. Burges, The MNIST database).
  case centreOfMass = 1
  /// What stands out is scaled into a box with its aspect kept, and the box put into the middle, as Fashion-MNIST's clothes were
  /// (H. Xiao, K. Rasul, R. Vollgraf, Fashion-MNIST, section 2).
  case fit = 2
}

/// What is done to a picture besides, in the order in which it is done. Without any, a picture is prepared as
/// `prepareSimply` does it.
///
/// Not an `OptionSet`, whose array literals would have to be allocated.
public struct PreparationSteps: Equatable, Sendable, BitwiseCopyable {
  /// The bits as they stand in a file.
  public let rawValue: UInt32

  /// Any bits; the reader rejects those that have no name here.
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// No steps.
  public static let none = PreparationSteps(rawValue: 0)

  /// A picture of the input's size goes through unchanged only if it lies as the placement would put it.
  public static let fitted = PreparationSteps(rawValue: 1)
  /// Ink is what differs from the paper's colour in the direction in which most differs, not what differs in luminance.
  public static let colour = PreparationSteps(rawValue: 2)
  /// The paper's brightness is taken off where it changes slowly.
  public static let lighting = PreparationSteps(rawValue: 4)
  /// The contrast is stretched from the ink's level, not from its brightest pixel, and faint traces become paper.
  public static let contrast = PreparationSteps(rawValue: 8)
  /// Lines from one edge of the picture to the other are removed, as ruled and squared paper has them.
  public static let lines = PreparationSteps(rawValue: 16)
  /// Specks, frames and shadows are removed.
  public static let specks = PreparationSteps(rawValue: 32)
  /// Strokes that are thinner or thicker than the data set's become as wide as those.
  public static let strokes = PreparationSteps(rawValue: 64)
  /// A picture that shows nothing is not given to the network.
  public static let nothing = PreparationSteps(rawValue: 128)

  /// All that have a name.
  public static let all = PreparationSteps(rawValue: 255)

  /// Whether all of some steps are among these.
  public func contains(_ steps: PreparationSteps) -> Bool { rawValue & steps.rawValue == steps.rawValue }

  /// The steps of both.
  public static func | (one: PreparationSteps, other: PreparationSteps) -> PreparationSteps {
    PreparationSteps(rawValue: one.rawValue | other.rawValue)
  }
}
