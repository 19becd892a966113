import MNISTInfer

/// What a `.dnn` file holds, as Swift values: what training and quantization make and tools look into.
///
/// Not for predicting: `Classifier` does that, through the runtime that ships.
public struct ModelFile {
  /// The pictures that the first layer takes.
  public var input: Shape
  /// In an order in which every layer comes after those it reads. The last is the only softmax.
  public var layers: [LayerDescription]
  /// The weights and biases that the layers refer to by index.
  public var tensors: [TensorDescription]
  /// The classes' names, in the order of the last layer's outputs.
  public var labels: [String]
  /// How a picture of any size becomes an input.
  public var preparation: Preparation
  /// For each channel of the input: what an 8-bit value is multiplied by, and what is added then.
  public var normalisation: [(scale: Float, offset: Float)]
  /// For an integer model, how the 8-bit numbers of each value stand for real ones: of the picture, then of each layer's
  /// output. Empty for all others.
  public var quantization: [Quantization]
  /// Where the model came from: recipe, data, seed, accuracy.
  public var provenance: [String: String]
  /// Anything else worth keeping; nothing reads it.
  public var metadata: [String: String]
  /// How training went, epoch by epoch; empty where that is not known.
  public var history: [TrainingEpoch]
  /// Pictures with the probabilities they must give.
  public var selfTest: SelfTest?
  /// The state to continue training from; only the training library reads it.
  public var trainingState: [UInt8]?

  /// A model without quantization, provenance, metadata, history, self-test and training state.
  public init(
    input: Shape, layers: [LayerDescription], tensors: [TensorDescription], labels: [String],
    preparation: Preparation, normalisation: [(scale: Float, offset: Float)]
  ) {
    self.input = input
    self.layers = layers
    self.tensors = tensors
    self.labels = labels
    self.preparation = preparation
    self.normalisation = normalisation
    quantization = []
    provenance = [:]
    metadata = [:]
    history = []
  }

  /// Pictures and what the model must make of them, to prove on another machine that a file runs right.
  public struct SelfTest {
    /// Pictures of the input's shape, one after another, channels last.
    public var pictures: [UInt8]
    /// Probabilities of all classes, picture after picture.
    public var probabilities: [Float]
    /// Largest difference of a probability that counts as the same.
    public var tolerance: Float

    /// Pictures, their probabilities and a tolerance.
    public init(pictures: [UInt8], probabilities: [Float], tolerance: Float) {
      self.pictures = pictures
      self.probabilities = probabilities
      self.tolerance = tolerance
    }
  }
}

/// What one epoch of a training measured. No times are in it: the same training gives the same history.
public struct TrainingEpoch: Equatable, Sendable, Encodable, BitwiseCopyable {
  /// Mean cross-entropy of the training images, each as it was trained on: with dropout, augmentation and label smoothing, by the
  /// weights of its moment. At least 0, finite.
  public var trainingLoss: Float
  /// The share of those of a class whose likeliest class was their label; 0 to 1.
  public var trainingAccuracy: Float
  /// Mean cross-entropy of images that were not trained on, after the epoch. At least 0, finite.
  public var heldOutLoss: Float
  /// The share of them whose likeliest class was their label; 0 to 1.
  public var heldOutAccuracy: Float
  /// Of the epoch's last step. At least 0, finite.
  public var learningRate: Float

  /// All of it.
  public init(
    trainingLoss: Float, trainingAccuracy: Float, heldOutLoss: Float, heldOutAccuracy: Float, learningRate: Float
  ) {
    self.trainingLoss = trainingLoss
    self.trainingAccuracy = trainingAccuracy
    self.heldOutLoss = heldOutLoss
    self.heldOutAccuracy = heldOutAccuracy
    self.learningRate = learningRate
  }
}

/// One layer of a `ModelFile`.
public struct LayerDescription {
  /// What it computes.
  public var kind: LayerKind
  /// At most 39 bytes of UTF-8; unique in the model or empty.
  public var name: String
  /// Values it reads, one or, for `add`, two: 0 is the picture, i + 1 the output of layer i.
  public var inputs: [Int]
  /// Its output for one picture.
  public var output: Shape
  /// For convolution and pooling.
  public var window: Window
  /// Applied to each element of the output.
  public var activation: Activation
  /// The slope of a leaky ReLU, the bound of a clipped one, otherwise 0.
  public var activationParameter: Float
  /// For convolution, the index of a tensor of (height, width, input channels / groups, output channels); for dense, of
  /// (inputs, outputs), where a flattened picture counts its channels fastest, then columns, then rows. For an activation in
  /// an integer model, of its table of 256 uint8.
  public var weights: Int?
  /// The index of a tensor with one element an output channel; int32 in an integer model, otherwise float32.
  public var bias: Int?

  /// A layer without window, activation and tensors.
  public init(_ kind: LayerKind, name: String = "", inputs: [Int], output: Shape) {
    self.kind = kind
    self.name = name
    self.inputs = inputs
    self.output = output
    window = Window()
    activation = .none
    activationParameter = 0
  }
}

/// One tensor of a `ModelFile`.
public struct TensorDescription {
  /// At most 39 bytes of UTF-8; unique in the model or empty.
  public var name: String
  /// One to four dimensions, the last one contiguous.
  public var dimensions: [Int]
  /// The elements in row-major order.
  public var elements: Elements

  /// How the elements are stored.
  public enum Elements: Equatable {
    /// As they are.
    case float32([Float])
    /// -127 to 127; element i stands for this times element i mod n of the float32 tensor with index `scales`, where n is
    /// the last dimension.
    case int8([Int8], scales: Int)
    /// The biases of an integer model, in units of the scale of the layer's input times that of the column's weights.
    case int32([Int32])
    /// The tables of an integer model: what each 8-bit number becomes.
    case uint8([UInt8])
  }

  /// A float32 tensor.
  public init(name: String, dimensions: [Int], values: [Float]) {
    self.init(name: name, dimensions: dimensions, elements: .float32(values))
  }

  /// A tensor of any type.
  public init(name: String, dimensions: [Int], elements: Elements) {
    self.name = name
    self.dimensions = dimensions
    self.elements = elements
  }
}

extension ModelFile {
  /// The elements of a tensor as the numbers they stand for; those of an int32 or uint8 tensor as they are.
  ///
  /// - Parameter index: of a tensor of this model whose scales, if it has any, are in the model.
  /// - Returns: as many numbers as the tensor has elements.
  public func values(ofTensor index: Int) -> [Float] {
    switch tensors[index].elements {
    case .float32(let values): return values
    case .int8(let elements, let scales):
      let scale = values(ofTensor: scales)
      return elements.enumerated().map { Float($0.element) * scale[$0.offset % scale.count] }
    case .int32(let values): return values.map { Float($0) }
    case .uint8(let values): return values.map { Float($0) }
    }
  }

  /// Appends a tensor and returns its index. Names are optional, so one that is too long or taken is left out.
  package mutating func appendTensor(
    _ name: String, _ dimensions: [Int], _ elements: TensorDescription.Elements
  ) -> Int {
    let isUsable =
      !name.hasPrefix(".") && name.utf8.count < Name.capacity && !tensors.contains { $0.name == name }
    tensors.append(TensorDescription(name: isUsable ? name : "", dimensions: dimensions, elements: elements))
    return tensors.count - 1
  }
}
