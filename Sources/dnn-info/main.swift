import DNNCommandLine
import DNNModel
import Foundation
import MNISTInfer

let syntax = CommandLineSyntax(
  usage: """
    usage: dnn-info [options] FILE

    Shows what is in a .dnn file, and whether it runs right on this machine.
      dnn-info model.dnn
      dnn-info --verify model.dnn
    """,
  options: [
    .init("--json", nil, "print one JSON object"),
    .init("--verify", nil, "run the file's self-test; the exit status is 1 if it fails or there is none"),
  ],
  takesArguments: true)

runProgram("dnn-info", version: Classifier.libraryVersion, syntax) { options in
  guard options.arguments.count == 1 else { throw UsageError("give one .dnn file") }
  let information: Information
  do {
    information = try Information(path: options.arguments[0], verifies: options.has("--verify"))
  } catch let failure as Failure {
    throw ModelError(failure)
  }
  Terminal.print(try options.has("--json") ? information.json() : information.text())
  return information.verification.map { $0.isPassed ? .done : .failure } ?? .done
}
