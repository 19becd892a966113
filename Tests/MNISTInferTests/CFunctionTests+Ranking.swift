import CMNISTInfer
import DNNModel
import MNISTInfer
import TestSupport
import Testing

/// The likeliest classes, best first; of equals, the lower index first.
extension CFunctionTests {
  @Test func bestClassesInOrder() throws {
    try withSession { model, session in
      let picture = png([UInt8](repeating: 200, count: 30), width: 5, height: 6, channels: 1)
      for capacity in 0...5 {
        var predictions = [dnn_prediction](repeating: dnn_prediction(), count: 5)
        var count = 99
        #expect(classifyPNGMemory(session, picture, picture.count, &predictions, capacity, &count, nil) == DNN_OK)
        #expect(count == min(capacity, 3))
        let written = predictions.prefix(count)
        #expect(Set(written.map(\.class_index)).count == count)
        #expect(zip(written, written.dropFirst()).allSatisfy { $0.probability >= $1.probability })
        #expect(predictions.dropFirst(count).allSatisfy { $0.label == nil })
      }
    }
  }

  /// Probabilities of which many are equal, in an order that a sort makes of them.
  @Test func manyClassesInOrder() throws {
    let classes = 1000
    var random = Random(3)
    var dense = LayerDescription(.dense, inputs: [0], output: Shape(count: classes))
    (dense.weights, dense.bias) = (0, 1)
    let logits = (0..<classes).map { _ in Float(random.next() % 7) }
    let file = ModelFile(
      input: Shape(height: 1, width: 1, channels: 1),
      layers: [dense, LayerDescription(.softmax, inputs: [1], output: Shape(count: classes))],
      tensors: [
        TensorDescription(name: "", dimensions: [1, classes], values: [Float](repeating: 0, count: classes)),
        TensorDescription(name: "", dimensions: [classes], values: logits),
      ], labels: (0..<classes).map { "class \($0)" },
      preparation: Preparation(polarity: .keep, placement: .stretch, boxHeight: 0, boxWidth: 0),
      normalisation: [(scale: 1, offset: 0)])
    try withSession(of: file) { _, session in
      let order = logits.indices.sorted { (-logits[$0], $0) < (-logits[$1], $1) }
      for capacity in [0, 1, 2, 3, 4, 150, 151, 998, 999, 1000, 1001] {
        var predictions = [dnn_prediction](repeating: dnn_prediction(), count: capacity)
        var count = 0
        #expect(classifyRGBA(session, [0, 0, 0, 255], 1, 1, 4, &predictions, capacity, &count, nil) == DNN_OK)
        #expect(count == min(capacity, classes))
        #expect(predictions.prefix(count).map { Int($0.class_index) } == Array(order.prefix(count)), "of \(capacity)")
        #expect(predictions.prefix(count).allSatisfy { String(cString: $0.label) == "class \($0.class_index)" })
        #expect(predictions.dropFirst(count).allSatisfy { $0.label == nil })
      }
    }
  }
}
