import DNNModel
import DNNTrain
import Foundation
import Testing

/// The model inside the library.
@Suite struct DefaultModelTests {
  @Test(
    "MNIST's test images, and how sure of them",
    .enabled(if: SharedData.mnist != nil, "no MNIST: set DNN_DATA to the folder that has mnist/"))
  func classifiesTestImages() throws {
    let path = try #require(SharedData.mnist)
    let test = try #require(try IDXFolder(path: path, classCount: 10).test)
    let probabilities = try Classifier(path: nil).predict(test.images)
    var (right, bins) = (0, [Double](repeating: 0, count: 15))
    for (image, label) in test.labels.enumerated() {
      let own = probabilities[10 * image..<10 * image + 10]
      let confidence = own.max() ?? 0
      let isRight = own[own.startIndex + label] == confidence
      right += isRight ? 1 : 0
      bins[min(Int(confidence * 15), 14)] += (isRight ? 1 : 0) - Double(confidence)
    }
    // Measured when it was made: 99.63 %; two standard errors of 10,000 images are 0.12 %.
    #expect(right >= 9951, "\(right) of 10000")
    let calibrationError = bins.reduce(0) { $0 + abs($1) } / Double(test.count)
    #expect(calibrationError < 0.005, "\(calibrationError)")
  }

  @Test(
    "digits that people drew and photographed",
    .enabled(if: SharedData.wildDigits != nil, "no wild-digits: set DNN_DATA to the folder that has wild-digits/"))
  func classifiesPeoplesDigits() throws {
    let folder = try #require(SharedData.wildDigits)
    let classifier = try Classifier(path: nil)
    let rows = try String(contentsOfFile: "\(folder)/labels.tsv", encoding: .utf8).split(separator: "\n")
    let missed = try rows.map { $0.split(separator: "\t").map(String.init) }.filter { row in
      try classifier.classify(path: "\(folder)/\(row[0])").first?.label != row[1]
    }
    #expect(rows.count == 117)
    #expect(missed.count <= 3, "97 % are to be right; missed: \(missed.map { $0[0] })")
  }

  @Test func passesItsSelfTest() throws {
    let result = try Classifier(path: nil).verify()
    #expect(result.pictures > 0)
    #expect(result.largestDifference <= result.tolerance)
  }
}
