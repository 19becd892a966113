import DNNCommandLine
import DNNModel
import DNNTrain

/// Reads the data, trains, writes the file and checks it.
func train(_ settings: Settings) throws {
  let display = Display(isQuiet: settings.isQuiet)
  let classCount = settings.architecture.classCount
  let folder = try IDXFolder(path: settings.dataPath, classCount: classCount)
  let (training, heldOut) = try folder.training.split(heldOut: settings.heldOut)
  let trainer = try Trainer(settings.architecture, input: training.shape, options: settings.training)
  let record = TrainingRecord(recipe: settings.recipe, folder: folder, classCount: classCount)
  // What the format or the runtime cannot express shows now and not after hours.
  _ = try trainer.modelFile(record, heldOut: heldOut.subset([0])).encoded()
  display.begin(settings, trainer, training: training.count, heldOut: heldOut.count)
  trainer.train(on: training, heldOut: heldOut, report: display.show)
  try trainer.modelFile(record, heldOut: heldOut).write(to: settings.outPath)
  display.note("wrote \(settings.outPath)")
  try check(settings.outPath, trainer, [("held-out", heldOut)] + (folder.test.map { [("test", $0)] } ?? []), display)
}

/// Measures the written file through the runtime, which shares no more than the kernels with the trainer.
private func check(_ path: String, _ trainer: Trainer, _ parts: [(String, Dataset)], _ display: Display) throws {
  let classifier = try Classifier(path: path)
  for (name, data) in parts {
    let classes = try classifier.predictedClasses(data)
    let differing = zip(classes, trainer.predictedClasses(data)).count { $0 != $1 }
    display.note(
      "\(name): \(percent(data.accuracy(of: classes))) of \(data.count) images right; "
        + "trainer and runtime differ on \(differing)")
  }
}
