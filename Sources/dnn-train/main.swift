import DNNCommandLine

runProgram(syntax) { options, ranks in
  if options.subcommand == searchSyntax.word {
    return try ranks.together { try Search(SearchSettings(options, ranks)) }.run()
  }
  guard options.has("--list-recipes") else {
    let training = try ranks.together {
      let settings = try Settings(options, ranks)
      let display = Display(isQuiet: settings.isQuiet)
      return try Training(settings, TrainingImages(settings, display), display)
    }
    return try training.run()
  }
  try Terminal.print(recipeList())
  return .done
}
