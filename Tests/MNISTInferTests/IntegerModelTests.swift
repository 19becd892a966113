import DNNModel
import Foundation
import MNISTInfer
import TestSupport
import Testing

/// What the network says of an integer model, and what the reader refuses, beyond the golden files.
@Suite struct IntegerModelTests {
  private func withNetwork(_ model: ModelFile, _ body: (borrowing Network) -> Void) throws {
    try model.encoded().withUnsafeBytes { bytes in
      let handle = try Model.make(copying: bytes)
      defer { Model.release(handle) }
      body(handle.pointee.network)
    }
  }

  /// Multipliers, shifts and bounds against the plain reference, which takes them apart with the library's frexp and rint.
  @Test func factorsAreTheReferences() throws {
    for seed in 0..<200 {
      let model = randomIntegerModel(seed: UInt64(seed))
      func scale(_ value: Int) -> Double { Double(model.quantization[value].scale) }
      try withNetwork(model) { network in
        let isInteger = network.isInteger
        #expect(isInteger, "seed \(seed)")
        for (index, layer) in model.layers.enumerated() {
          let what: Comment = "seed \(seed), layer \(index)"
          switch layer.kind {
          case .convolution, .dense:
            guard case .int8(_, let scales) = model.tensors[layer.weights!].elements else { continue }
            let expected = IntegerReference.fixed(
              model.values(ofTensor: scales).map { (scale(layer.inputs[0]) * Double($0)) / scale(index + 1) })
            var multipliers = [Int32](repeating: -1, count: layer.output.channels)
            let shift = network.columnFactors(index, into: &multipliers)
            #expect(shift == expected.shift, what)
            #expect(multipliers.map { Int($0) } == expected.multipliers, what)
          case .averagePool, .globalAveragePool:
            for count in [1, 2, 3, 7, 1000] {
              let factor = network.averageFactor(index, elements: count)
              let expected = IntegerReference.fixed([scale(layer.inputs[0]) / (scale(index + 1) * Double(count))])
              #expect(Int(factor.multiplier) == expected.multipliers[0] && factor.shift == expected.shift, what)
            }
          case .add:
            let factors = network.sumFactors(index)
            let expected = IntegerReference.fixed(layer.inputs.map { scale($0) / scale(index + 1) }, bits: 20)
            #expect([Int(factors.first), Int(factors.second)] == expected.multipliers, what)
            #expect(factors.shift == expected.shift, what)
          case .softmax:
            let factor = network.softmaxFactor(index)
            let expected = IntegerReference.fixed([scale(layer.inputs[0]) * 1.4426950408889634])
            #expect(Int(factor.multiplier) == expected.multipliers[0] && factor.shift == expected.shift, what)
          case .maxPool, .flatten, .activation: break
          }
          let bounds = network.outputBounds(index)
          #expect(bounds.lower >= 0 && bounds.lower <= bounds.upper && bounds.upper <= 255, what)
        }
      }
    }
  }

  @Test func boundsOfActivations() throws {
    // Zero point 7, scale 2^-5.
    let cases: [(Activation, Float, ClosedRange<Int>)] = [
      (.none, 0, 0...255), (.relu, 0, 7...255), (.clippedRelu, 2, 7...71), (.clippedRelu, 7.75, 7...255),
      (.clippedRelu, 7.7, 7...253), (.clippedRelu, 1e38, 7...255), (.clippedRelu, .leastNonzeroMagnitude, 7...7),
      (.clippedRelu, 0x1p-6, 7...7), (.clippedRelu, 0x3p-6, 7...9), (.clippedRelu, Float(0x1p-6).nextUp, 7...8),
    ]
    for (activation, parameter, expected) in cases {
      var model = integerPictureModel()
      model.layers[1].activation = activation
      model.layers[1].activationParameter = parameter
      try withNetwork(model) {
        let bounds = $0.outputBounds(1)
        #expect(
          bounds.lower == expected.lowerBound && bounds.upper == expected.upperBound, "\(activation) \(parameter)")
        // A table has none but those of 8 bits, whatever it was made from.
        let table = $0.outputBounds(3)
        #expect(table.lower == 0 && table.upper == 255)
      }
    }
  }

  @Test func onlyTheSoftmaxReadsLogits() throws {
    try withNetwork(integerPictureModel()) { network in
      for index in 0..<8 {
        let writesLogits = network.writesLogits(index)
        #expect(writesLogits == (index == 6), "layer \(index)")
      }
    }
    // A second reader of the dense layer's output: an addition whose result the softmax reads.
    var model = integerPictureModel()
    model.layers[7].kind = .add
    model.layers[7].inputs = [7, 7]
    model.layers.append(LayerDescription(.softmax, inputs: [8], output: Shape(count: 3)))
    model.quantization[7] = Quantization(scale: 0x1p-6, zeroPoint: 9)
    model.quantization[8] = Quantization(scale: 0x1p-5, zeroPoint: 9)
    model.quantization.append(Quantization(scale: 1, zeroPoint: 0))
    try withNetwork(model) { network in
      for index in 0..<9 {
        let writesLogits = network.writesLogits(index)
        #expect(!writesLogits, "layer \(index)")
      }
    }
  }

  /// What the layers compute stands for what their formulas in real numbers say, up to half a step of the output: the rounding.
  /// Multipliers of 31 bits add at most 2^-31 of 255 steps, those of 20 bits in an addition 2^-20 of twice as many.
  @Test func integersStandForTheRealNumbers() {
    for seed in 0..<100 {
      let model = randomIntegerModel(seed: UInt64(seed))
      var random = Random(UInt64(seed))
      let values = IntegerReference(model: model).values(random.bytes(model.input.count))
      for (index, layer) in model.layers.dropLast().enumerated() where layer.kind != .activation {
        let output = model.quantization[index + 1]
        let isLogits = index == model.layers.count - 2 && [.convolution, .dense].contains(layer.kind)
        for (q, x) in zip(values[index + 1].values, real(layer, values, model)) {
          let steps = x / Double(output.scale) + Double(output.zeroPoint)
          let error = abs(Double(q) - (isLogits ? steps : min(max(steps, 0), 255)))
          #expect(error <= 0.5 + 510 * 0x1p-20, "seed \(seed), layer \(index), \(layer.kind)")
        }
      }
    }
  }

  /// A layer's output in real numbers, from the integers that it reads.
  private func real(_ layer: LayerDescription, _ values: [IntegerReference.Image], _ model: ModelFile) -> [Double] {
    let inputs = layer.inputs.map { number in
      var image = ReferenceNetwork.Image(values[number].shape)
      image.values = values[number].values.map { Double($0 - model.quantization[number].zeroPoint) }
      return image
    }
    let scales = layer.inputs.map { Double(model.quantization[$0].scale) }
    guard let weights = layer.weights, case .int8(let elements, let columnScales) = model.tensors[weights].elements
    else {
      let scaled = zip(inputs, scales).map { image, scale in
        var result = image
        result.values = image.values.map { $0 * scale }
        return result
      }
      return ReferenceNetwork(model: model).run(layer, scaled).values
    }
    // Sums of integers, which double precision holds exactly; then the scales, then the activation.
    var (integers, plain) = (model, layer)
    integers.tensors[weights].elements = .float32(elements.map { Float($0) })
    (plain.activation, plain.activationParameter) = (.none, 0)
    let sums = ReferenceNetwork(model: integers).run(plain, inputs).values
    let columns = model.values(ofTensor: columnScales).map { Double($0) }
    return sums.enumerated().map { position, sum in
      ReferenceNetwork(model: model).activate(sum * scales[0] * columns[position % columns.count], layer)
    }
  }

  /// A dense layer without a bias: 66,311 weights of 127 reach 255 * 127 * 66,311 = 2,147,481,735, and one more weight of 7
  /// 2,147,483,520; of 8, 2,147,483,775.
  @Test func longSums() throws {
    func model(_ last: Int8, sign: Int8, zeroPoint: Int = 0, balanced: Bool = false) -> ModelFile {
      let count = 66_312
      var dense = LayerDescription(.dense, inputs: [0], output: Shape(count: 2))
      dense.weights = 1
      var weights = [Int8](repeating: 0, count: 2 * count)
      // The second column, so that the first one, which is zero, is not what is refused.
      for row in 0..<count { weights[2 * row + 1] = sign * (row == count - 1 ? last : 127) }
      if balanced { for row in stride(from: 0, to: count, by: 2) { weights[2 * row + 1] *= -1 } }
      var model = ModelFile(
        input: Shape(height: 1, width: count, channels: 1),
        layers: [dense, LayerDescription(.softmax, inputs: [1], output: Shape(count: 2))],
        tensors: [
          TensorDescription(name: "", dimensions: [2], values: [0.01, 0.01]),
          TensorDescription(name: "", dimensions: [count, 2], elements: .int8(weights, scales: 0)),
        ],
        labels: ["a", "b"],
        preparation: Preparation(polarity: .keep, placement: .stretch, boxHeight: 0, boxWidth: 0),
        normalisation: [(scale: 0x1p-8, offset: -Float(zeroPoint) * 0x1p-8)])
      model.quantization = [
        Quantization(scale: 0x1p-8, zeroPoint: zeroPoint), Quantization(scale: 1, zeroPoint: 0),
        Quantization(scale: 1, zeroPoint: 0),
      ]
      return model
    }
    for sign: Int8 in [1, -1] {
      _ = try model(7, sign: sign).encoded()
      #expect(rejection(model(8, sign: sign)) == sums(2_147_483_775))
      // The zero point counts the sum of the weights, which cancel here but for 120.
      #expect(rejection(model(7, sign: sign, zeroPoint: 1)) == sums(2_147_483_520 + 8_421_504))
      _ = try model(7, sign: sign, zeroPoint: 1, balanced: true).encoded()
      #expect(rejection(model(7, sign: sign, zeroPoint: 2, balanced: true)) == sums(2_147_483_520 + 240))
    }
  }

  private func sums(_ sum: Int) -> String {
    "the model cannot be written: layer 0: sums of column 1 of its weights, tensor 1, may reach \(sum) and overflow 32 bits"
  }

  private func rejection(_ model: ModelFile) -> String? {
    do {
      _ = try model.encoded()
      return nil
    } catch { return "\(error)" }
  }
}
