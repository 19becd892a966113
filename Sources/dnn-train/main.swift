import DNNCommandLine

runProgram(syntax) { options in
  guard options.has("--list-recipes") else { return try Training(Settings(options)).run() }
  Terminal.print(try recipeList())
  return .done
}
