import DNNCluster
import DNNCommandLine
import DNNModel
import DNNReport
import DNNTrain
import MNISTInfer

/// A model that is ready to be measured.
struct OpenModel {
  let path: String
  let classifier: Classifier
  private let bytes: [UInt8]

  /// - Throws: `ModelError`, or the system's reason.
  init(path: String, threads: Int) throws {
    self.path = path
    do {
      // The runtime's own reader opens the file, so its messages name it.
      classifier = try Classifier(path: path, threads: threads)
    } catch let failure as Failure {
      throw ModelError(failure)
    }
    bytes = try readFile(path)
  }

  /// What its answers depend on.
  var identity: String {
    var hash = SHA256()
    hash.update(bytes)
    return "\(hash.hexadecimal()) on \(classifier.kernelName)"
  }

  func evaluate(on data: EvaluationData, _ ranks: Communicator) throws -> ModelEvaluation {
    try ModelEvaluation(file: path, classifier, contents: bytes, on: data, ranks)
  }
}

/// Models can be compared only if they tell as many classes apart.
///
/// - Throws: `EvaluationError.classCountsDiffer`.
func checkClasses(_ models: [OpenModel]) throws {
  let first = models[0]
  let count = first.classifier.labels.count
  for other in models where other.classifier.labels.count != count {
    throw EvaluationError.classCountsDiffer(
      first: first.path, firstCount: count, second: other.path, secondCount: other.classifier.labels.count)
  }
}
