import DNNCluster
import DNNModel
import FoundationEssentials
import MNISTInfer

/// Shares out pieces of work to ranks, and hands over on all of them what comes of all pieces, in their order.
///
/// - Parameters:
///   - count: how many pieces.
///   - ranks: the processes; one alone does all.
///   - workers: what each thread of this process works with.
///   - work: does a piece; runs on all threads at once.
///   - deliver: takes what came of a piece.
/// - Throws: what `deliver` throws.
func inOrder(
  _ count: Int, _ ranks: Communicator, workers: [Classifier], work: (Int, Classifier) -> PictureTask.Outcome,
  deliver: (PictureTask.Outcome) throws -> Void
) throws {
  if ranks.isAlone { return try inOrder(count, workers: workers, work: work, deliver: deliver) }
  // Enough that the exchange costs little, few enough that somebody who waits sees something.
  let portion = 256 * ranks.rankCount
  for first in stride(from: 0, to: count, by: portion) {
    let share = ranks.share(of: min(portion, count - first))
    var own: [ToldOutcome] = []
    var failure: (any Error)?
    try inOrder(share.count, workers: workers) {
      work(first + share.lowerBound + $0, $1)
    } deliver: {
      own.append(ToldOutcome($0))
      if own.last?.endsAll == true { failure = $0.error }
    }
    for (rank, bytes) in ranks.gather(Array(try JSONEncoder().encode(own))).enumerated() {
      for told in try JSONDecoder().decode([ToldOutcome].self, from: Data(bytes)) {
        if told.endsAll {
          if rank == ranks.rank, let failure { throw failure }
          throw RankError(rank: ranks.name(ofRank: rank), reason: told.error ?? "")
        }
        try deliver(told.outcome)
      }
    }
  }
}

/// What came of a picture, as ranks tell each other.
private struct ToldOutcome: Codable {
  let text: String
  let answer: Answer?
  let error: String?
  /// Whether it is a file that cannot be written.
  let endsAll: Bool

  init(_ outcome: PictureTask.Outcome) {
    (text, answer) = (outcome.text, outcome.answer)
    error = outcome.error.map { "\($0)" }
    endsAll = outcome.error is FileError
  }

  var outcome: PictureTask.Outcome {
    PictureTask.Outcome(text: text, answer: answer, error: error.map(ToldError.init))
  }
}

/// An error on any rank, in its words.
private struct ToldError: Error, CustomStringConvertible { let description: String }

/// Makes sure that all ranks see the same pictures with the same model.
///
/// - Parameters:
///   - ranks: the processes.
///   - classifier: the model.
///   - modelPath: its file; nil for the one built in.
///   - paths: the pictures.
/// - Throws: `RanksDifferError`.
func check(_ ranks: Communicator, _ classifier: Classifier, modelPath: String?, _ paths: [String]) throws {
  if ranks.isAlone { return }
  func checksum(_ bytes: [UInt8]) -> UInt32 { bytes.withUnsafeBytes { Checksum.of($0) } }
  let contents = modelPath.flatMap { try? readFile($0) }
  let model = contents.map { "with checksum \(checksum($0))" } ?? "built in"
  try ranks.agree(on: [
    "tool": "dnn-classify \(Classifier.libraryVersion)", "model": "\(model), on \(classifier.kernelName)",
    "pictures": "\(paths.count), with names of checksum \(checksum(Array(paths.joined(separator: "\0").utf8)))",
  ])
}
