// Trains a network with a layer of its own on digits that the package draws, and writes it as a model for any C program.
import DNNTrain

let data = try TrainingData("synthetic", classCount: nil)
let (training, heldOut) = try data.training.split(heldOut: data.usualHeldOutCount)

let network = try Architecture { picture in
  picture.conv(8, window: 5, stride: 2).layer(LearnedSlope()).maxPool(2).dense(10)
}
let trainer = try Trainer(
  network, input: training.shape,
  options: TrainingOptions(epochs: 2, batchSize: 64, seed: 1, threads: 2, optimizer: Adam(learningRate: 0.003)))
trainer.train(on: training, heldOut: heldOut) { progress in
  guard let accuracy = progress.heldOutAccuracy else { return }
  print("epoch \(progress.epoch): loss \(progress.loss), held-out accuracy \(accuracy)")
}

let path = CommandLine.arguments.dropFirst().first ?? "custom.dnn"
let model = try trainer.modelFile(TrainingRecord(recipe: nil, data: data), heldOut: heldOut)
try model.write(to: path)
for layer in model.layers where layer.name == "slope1" { print("learned a slope of \(layer.activationParameter)") }

// What was written, through the runtime that ships.
let classifier = try Classifier(path: path)
let answers = try classifier.predictedClasses(heldOut)
print("wrote \(path): \(heldOut.accuracy(of: answers)) of the held-out images right")
