import DNNModel
import DNNTrain
import Testing

/// The model inside the library.
@Suite struct DefaultModelTests {
  @Test(
    "MNIST's test images",
    .enabled(if: SharedData.mnist != nil, "no MNIST: set DNN_DATA to the folder that has mnist/"))
  func classifiesTestImages() throws {
    let path = try #require(SharedData.mnist)
    let test = try #require(try IDXFolder(path: path, classCount: 10).test)
    let accuracy = test.accuracy(of: try Classifier(path: nil).predictedClasses(test))
    // Measured when it was made: 99.38 %; two standard errors of 10,000 images are 0.16 %.
    #expect(accuracy >= 0.9922, "\(accuracy)")
  }

  @Test func passesItsSelfTest() throws {
    let result = try Classifier(path: nil).verify()
    #expect(result.pictures > 0)
    #expect(result.largestDifference <= result.tolerance)
  }
}
