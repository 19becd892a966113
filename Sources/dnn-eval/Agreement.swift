import DNNCluster
import DNNReport
import DNNTrain

/// Makes sure that all ranks would measure the same.
///
/// - Throws: `RanksDifferError`.
func check(_ ranks: Communicator, _ models: [OpenModel], _ data: EvaluationData) throws {
  if ranks.isAlone { return }
  var settings = ["tool": "dnn-eval \(toolVersion)", "data.sha256": data.images.sha256]
  for model in models { settings["model \(model.path)"] = model.identity }
  try ranks.agree(on: settings)
}
