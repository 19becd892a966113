import DNNModel
import MNISTInfer
import Testing

/// Every limit of the format: a file at the limit is accepted, one past it is rejected with a message that names the limit.
///
/// `tensorElements` can only be tested from above: a tensor of 2^32 elements is a file of 4 GiB. `dimension` as the side of a
/// value cannot be told from `elements`, which is the same number; it is tested as a dimension of a tensor.
@Suite struct LimitsTests {
  /// What the reader says, or nil if it accepts the model. Nothing is computed: layers at a limit take seconds or gigabytes.
  private func rejection(_ model: ModelFile) throws -> String? {
    do {
      _ = try model.encoded()
      return nil
    } catch let error as ModelFileError {
      guard case .invalid(let reason) = error else { throw error }
      return reason
    }
  }

  private func model(_ input: Shape, _ layers: [LayerDescription], classes: Int = 1) -> ModelFile {
    let softmax = LayerDescription(.softmax, inputs: [layers.count], output: Shape(count: classes))
    return ModelFile(
      input: input, layers: layers + [softmax], tensors: [], labels: (0..<classes).map { "\($0)" },
      preparation: Preparation(polarity: .keep, placement: .stretch, boxHeight: 0, boxWidth: 0),
      normalisation: (0..<input.channels).map { _ in (scale: 1, offset: 0) })
  }

  private static let pixel = Shape(height: 1, width: 1, channels: 1)

  /// `count` layers that each pass on one number.
  private func chain(_ count: Int, after first: Int = 0) -> [LayerDescription] {
    (0..<count).map { LayerDescription(.activation, inputs: [first + $0], output: Self.pixel) }
  }

  private func pool(_ kind: LayerKind, _ window: Window, _ input: Shape) throws -> LayerDescription {
    let size = try #require(window.outputSize(input))
    var layer = LayerDescription(
      kind, inputs: [0], output: Shape(height: size.height, width: size.width, channels: input.channels))
    layer.window = window
    return layer
  }

  @Test func sections() throws {
    func file(_ count: Int) throws -> [UInt8] {
      var file = GoldenFile(try model(Self.pixel, chain(1)).encoded())
      for _ in file.sections.count..<count { file.sections.append((FourCC("xtra"), 1, [])) }
      return file.encoded
    }
    #expect(outcome(try file(Limits.sections)) == .works)
    #expect(
      outcome(try file(Limits.sections + 1))
        == .fails(.damaged, "the header counts 65 sections; the format allows 64"))
  }

  @Test func layers() throws {
    #expect(outcome(try model(Self.pixel, chain(Limits.layers - 1)).encoded()) == .works)
    #expect(
      try rejection(model(Self.pixel, chain(Limits.layers)))
        == "section LAYR: 4097 layers; the format allows 1 to 4096")
  }

  /// Dense layers of one weight and one bias; `scaled` of them in int8 with scales of their own, which makes three tensors.
  private func denseChain(layers: Int, scaled: Int) -> ModelFile {
    var layers = chain(layers)
    var tensors: [TensorDescription] = []
    for index in layers.indices {
      layers[index].kind = .dense
      if index < scaled {
        tensors.append(TensorDescription(name: "", dimensions: [1], values: [0.5]))
        tensors.append(
          TensorDescription(name: "", dimensions: [1, 1], elements: .int8([1], scales: tensors.count - 1)))
      } else {
        tensors.append(TensorDescription(name: "", dimensions: [1, 1], values: [1]))
      }
      layers[index].weights = tensors.count - 1
      tensors.append(TensorDescription(name: "", dimensions: [1], values: [0]))
      layers[index].bias = tensors.count - 1
    }
    var result = model(Self.pixel, layers)
    result.tensors = tensors
    return result
  }

  @Test func tensors() throws {
    let layers = Limits.layers - 1
    let scaled = Limits.tensors - 2 * layers
    #expect(outcome(try denseChain(layers: layers, scaled: scaled).encoded()) == .works)
    #expect(
      try rejection(denseChain(layers: layers, scaled: scaled + 1))
        == "section TNSR: 8193 tensors; the format allows 8192")
  }

  @Test func dimension() throws {
    let count = Limits.dimension
    var dense = LayerDescription(.dense, inputs: [0], output: Self.pixel)
    dense.weights = 1
    var wide = model(Shape(height: 1, width: count, channels: 1), [dense])
    wide.tensors = [
      TensorDescription(name: "", dimensions: [1], values: [1]),
      TensorDescription(
        name: "", dimensions: [count, 1], elements: .int8([Int8](repeating: 1, count: count), scales: 0)),
    ]
    #expect(try rejection(wide) == nil)
    var file = try GoldenBase.int8.file
    file.tensor(1, "dimension 0", UInt64(count + 1))
    #expect(
      outcome(file.encoded)
        == .fails(.damaged, "tensor 1: dimension 0 is 16777217; the format allows 1 to 16777216"))
  }

  @Test func tensorElements() throws {
    var file = try GoldenBase.int8.file
    file.tensor(1, "rank", 3)
    for (axis, size) in [1 << 16, 1 << 16, 1].enumerated() { file.tensor(1, "dimension \(axis)", UInt64(size)) }
    file.tensor(1, "length", UInt64(Limits.tensorElements))
    #expect(outcome(file.encoded) == .fails(.damaged, "tensor 1 reaches past the end of the data"))
    file.tensor(1, "dimension 2", 2)
    #expect(outcome(file.encoded) == .fails(.damaged, "tensor 1 has over 4294967296 elements"))
  }

  @Test func windowSize() throws {
    let input = Shape(height: Limits.window + 1, width: 1, channels: 1)
    let fits = try pool(.maxPool, Window(height: Limits.window, width: 1, strideHeight: 2), input)
    #expect(outcome(try model(input, [fits]).encoded()) == .works)
    let large = try pool(.maxPool, Window(height: Limits.window + 1, width: 1), input)
    #expect(
      try rejection(model(input, [large])) == "layer 0: a window of 4097×1; the format allows 1 to 4096")
  }

  @Test func stride() throws {
    let input = Shape(height: 1, width: 2, channels: 1)
    let fits = try pool(.averagePool, Window(height: 1, width: 1, strideWidth: Limits.window), input)
    #expect(outcome(try model(input, [fits]).encoded()) == .works)
    let large = try pool(.averagePool, Window(height: 1, width: 1, strideWidth: Limits.window + 1), input)
    #expect(
      try rejection(model(input, [large])) == "layer 0: strides of 1 and 4097; the format allows 1 to 4096")
  }

  @Test func dilation() throws {
    func file(_ dilation: Int) throws -> ModelFile {
      let input = Shape(height: dilation + 1, width: 1, channels: 1)
      var window = Window(height: 2, width: 1)
      window.dilationHeight = dilation
      var layer = try pool(.convolution, window, input)
      layer.weights = 0
      var result = model(input, [layer])
      result.tensors = [TensorDescription(name: "", dimensions: [2, 1, 1, 1], values: [1, 2])]
      return result
    }
    #expect(outcome(try file(Limits.window).encoded()) == .works)
    #expect(try rejection(file(Limits.window + 1)) == "layer 0: dilations of 4097 and 1; the format allows 1 to 4096")
  }

  @Test func elements() throws {
    func input(_ width: Int) -> ModelFile {
      let mean = LayerDescription(.globalAveragePool, inputs: [0], output: Self.pixel)
      return model(Shape(height: Limits.elements / 4096, width: width, channels: 1), [mean])
    }
    #expect(try rejection(input(4096)) == nil)
    #expect(try rejection(input(4097)) == "an input of 4096×4097×1 is outside the format's limits")
    // Two columns of padding: an output one column wider than the input.
    let picture = Shape(height: 4096, width: 4095, channels: 1)
    var window = Window(height: 1, width: 2)
    (window.padLeft, window.padRight) = (1, 1)
    let mean = LayerDescription(.globalAveragePool, inputs: [1], output: Self.pixel)
    var file = GoldenFile(try model(picture, [pool(.maxPool, window, picture), mean]).encoded())
    file.network("width", 4096)
    file.layer(0, "output width", 4097)
    #expect(outcome(file.encoded) == .fails(.damaged, "layer 0: an output of over 16777216 elements"))
  }

  /// 99 × 331 windows of 258 × 127, their mean and a softmax are 16 ((2^15 + 1) (2^15 - 2) + (2^15 + 1) + 1) = 2^34 operations.
  @Test func operations() throws {
    let input = Shape(height: 356, width: 457, channels: 1)
    let layers = [
      try pool(.averagePool, Window(height: 258, width: 127), input),
      LayerDescription(.globalAveragePool, inputs: [1], output: Self.pixel),
    ]
    #expect(try rejection(model(input, layers)) == nil)
    #expect(
      try rejection(model(input, layers + chain(1, after: 2)))
        == "layer 3: one picture takes over 17179869184 operations up to here")
  }

  /// Convolutions of one pixel, each with a border that makes 2801 × 2801 pixels of it, of one vector: 125,529,616 elements if that
  /// has 16. With the picture's border, 34 of these are within 2^32 elements, and of shorter vectors as many more.
  @Test func writtenElements() throws {
    var window = Window(height: 2, width: 2, strideHeight: 4096, strideWidth: 4096)
    (window.dilationHeight, window.dilationWidth) = (1400, 1400)
    (window.padTop, window.padLeft, window.padBottom, window.padRight) = (1400, 1400, 1400, 1400)
    func file(_ bordered: Int) throws -> [UInt8] {
      let layers = (0...bordered).map { index in
        var layer = LayerDescription(.convolution, inputs: [index], output: Self.pixel)
        (layer.window, layer.weights) = (window, 0)
        return layer
      }
      var result = model(Self.pixel, layers)
      result.tensors = [TensorDescription(name: "", dimensions: [2, 2, 1, 1], values: [1, 1, 1, 1])]
      return try result.encoded()
    }
    let most = 34 * 16 / Int(selectKernels().lanes)
    _ = try Classifier(bytes: file(most), threads: 1)
    #expect(
      outcome(try file(most + 1))
        == .fails(.outOfMemory, "layer \(most): with padding, values have over 4294967296 elements up to here"))
  }

  @Test func averagedElements() throws {
    func mean(_ height: Int, _ width: Int) -> ModelFile {
      var file = integerMeanModel()
      file.input = Shape(height: height, width: width, channels: 1)
      return file
    }
    #expect(try rejection(mean(128, Limits.averagedElements / 128)) == nil)
    #expect(
      try rejection(mean(5, 1_684_301))
        == "layer 0: a mean of 8421505 elements; an integer model allows 8421504, so that their sum fits 32 bits")
    // What counts is what lies inside of the picture.
    var window = Window(height: 4096, width: 4096)
    (window.padTop, window.padLeft) = (4095, 4000)
    var file = integerMeanModel()
    file.input = Shape(height: 1, width: 96, channels: 1)
    file.layers[0].kind = .averagePool
    file.layers[0].window = window
    #expect(try rejection(file) == nil)
  }

  @Test func classes() throws {
    func file(_ classes: Int) -> ModelFile {
      var dense = LayerDescription(.dense, inputs: [0], output: Shape(count: classes))
      dense.weights = 0
      var result = model(Self.pixel, [dense], classes: classes)
      result.tensors = [
        TensorDescription(name: "", dimensions: [1, classes], values: [Float](repeating: 0, count: classes))
      ]
      return result
    }
    #expect(outcome(try file(Limits.classes).encoded()) == .works)
    #expect(
      try rejection(file(Limits.classes + 1)) == "layer 1: softmax takes a vector of up to 65536 elements")
  }

  @Test func inputChannels() throws {
    func file(_ channels: Int) -> ModelFile {
      model(Shape(height: 1, width: 1, channels: channels), [], classes: channels)
    }
    #expect(outcome(try file(Limits.inputChannels).encoded()) == .works)
    var five = file(4)
    five.input.channels = 5
    #expect(try rejection(five) == "an input of 1×1×5 is outside the format's limits")
  }

  @Test func strings() throws {
    let text = String(repeating: "x", count: Limits.string)
    var file = model(Self.pixel, chain(1))
    (file.labels, file.metadata) = ([text], [text: text])
    #expect(outcome(try file.encoded()) == .works)
    file.metadata = [text: text + "x"]
    #expect(try rejection(file) == "section META: text 1 has 65536 bytes; the format allows 65535")
    file.labels = [text + "x"]
    #expect(try rejection(file) == "section LABL: text 0 has 65536 bytes; the format allows 65535")
  }

  @Test func pairs() throws {
    func pairs(_ count: Int) -> [String: String] {
      Dictionary(uniqueKeysWithValues: (0..<count).map { ("key \($0)", "") })
    }
    var file = model(Self.pixel, chain(1))
    (file.provenance, file.metadata) = (pairs(Limits.pairs), pairs(Limits.pairs))
    #expect(outcome(try file.encoded()) == .works)
    file.metadata = pairs(Limits.pairs + 1)
    #expect(try rejection(file) == "section META: 4097 entries; the format allows 4096")
    file.provenance = pairs(Limits.pairs + 1)
    #expect(try rejection(file) == "section PROV: 4097 entries; the format allows 4096")
  }

  @Test func epochs() throws {
    var file = model(Self.pixel, chain(1))
    file.history = Array(repeating: twoEpochs[0], count: Limits.epochs)
    #expect(outcome(try file.encoded()) == .works)
    file.history.append(twoEpochs[1])
    #expect(try rejection(file) == "section HIST: 65537 epochs; the format allows 65536")
  }

  @Test func selfTests() throws {
    func file(_ count: Int) -> ModelFile {
      var file = model(Self.pixel, chain(1))
      file.selfTest = ModelFile.SelfTest(
        pictures: [UInt8](repeating: 0, count: count), probabilities: [Float](repeating: 1, count: count), tolerance: 0)
      return file
    }
    #expect(outcome(try file(Limits.selfTests).encoded()) == .works)
    #expect(
      try rejection(file(Limits.selfTests + 1)) == "section TEST: 1025 pictures; the format allows 1 to 1024")
  }

  /// The longest name that fits its field, and one byte more.
  @Test func names() throws {
    var file = model(Self.pixel, chain(1))
    file.layers[0].name = String(repeating: "n", count: Name.capacity - 1)
    #expect(outcome(try file.encoded()) == .works)
    file.layers[0].name += "n"
    #expect(throws: ModelFileError.self) { try file.encoded() }
  }
}
