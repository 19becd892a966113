import DNNModel
import DNNTrain
import Foundation
import MNISTInfer
import Testing

/// The data sets' own images as PNG files: they reach the network unchanged, so that they are classified as their bytes are.
/// DNN_ALL_PICTURES=1 takes all 140,000 instead of a thousand of each part.
@Suite struct PictureTests {
  private static let count = ProcessInfo.processInfo.environment["DNN_ALL_PICTURES"] == "1" ? Int.max : 1000

  private let defaultModel = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("Sources/CDefaultModel/digits.dnn")

  @Test(
    "MNIST and Fashion-MNIST through PNG files",
    .enabled(if: SharedData.mnist != nil, "no MNIST: set DNN_DATA to the folder that has mnist/ and fashion-mnist/"))
  func imagesThroughFiles() throws {
    let mnist = try #require(SharedData.mnist)
    let folder = try TemporaryFolder()
    for name in ["mnist", "fashion-mnist"] {
      let root = URL(fileURLWithPath: mnist).deletingLastPathComponent()
      let data = try TrainingData(root.appendingPathComponent(name).path, classCount: 10)
      // Any network of the input's size, with the preparation that training on this data writes.
      var model = try ModelFile(decoding: Array(Data(contentsOf: defaultModel)))
      model.preparation = data.preparation
      let classifier = try Classifier(bytes: model.encoded(), threads: 1)
      for (part, set) in [("training", data.training), ("test", data.test)] {
        let set = try #require(set)
        var different: [Int] = []
        for index in 0..<min(set.count, Self.count) {
          let image = Array(set.images[(index * 784)..<((index + 1) * 784)])
          let path = folder.path + "/image.png"
          let png = try #require(encodedPNG(image, width: 28, height: 28, channels: 1))
          try Data(png).write(to: URL(fileURLWithPath: path))
          let best = try classifier.classify(path: path)[0]
          let probabilities = try classifier.predict(image)
          let isSame = try classifier.prepare(path: path) == image && best.probability == probabilities.max()
          if !isSame || best.probability != probabilities[best.classIndex] { different.append(index) }
        }
        #expect(different.isEmpty, "\(name), \(part): \(different.prefix(10))")
      }
    }
  }
}
