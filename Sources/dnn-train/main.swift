import DNNCommandLine

runProgram(syntax) { options in
  if options.subcommand == searchSyntax.word { return try Search(SearchSettings(options)).run() }
  guard options.has("--list-recipes") else {
    let settings = try Settings(options)
    let display = Display(isQuiet: settings.isQuiet)
    return try Training(settings, TrainingImages(settings, display), display).run()
  }
  try Terminal.print(recipeList())
  return .done
}
