import DNNCommandLine
import DNNTrain

runProgram("dnn-train", version: toolVersion, syntax) { options in
  if options.has("--list-recipes") {
    Terminal.print(try recipeList())
  } else {
    try train(Settings(options))
  }
  return .done
}
