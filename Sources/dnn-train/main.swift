import DNNCommandLine
import DNNTrain
import Foundation

runProgram("dnn-train", version: toolVersion, syntax) { options in
  if options.has("--list-recipes") {
    Terminal.print(try recipeList())
  } else {
    let status = try Training(Settings(options)).run()
    if status != ExitStatus.done.rawValue { exit(status) }
  }
  return .done
}
