import DNNModel
import MNISTInfer

extension Trainer {
  /// Trains until all epochs are done or early stopping ends it. A trainer that was interrupted goes on where it was.
  ///
  /// - Parameters:
  ///   - data: images of the network's input shape with labels below its outputs.
  ///   - heldOut: images to report accuracy on after each epoch.
  ///   - isInterrupted: asked after every step, on the calling thread, whether to stop.
  ///   - report: called after every step, on the calling thread.
  /// - Returns: how it ended.
  @discardableResult
  public func train(
    on data: Dataset, heldOut: Dataset, isInterrupted: () -> Bool = { false },
    report: (TrainingProgress) throws -> Void
  ) rethrows -> TrainingOutcome {
    precondition(data.shape == network.input && data.labels.allSatisfy { (0..<network.classCount).contains($0) })
    while !isFinished {
      let outcome = try trainEpoch(on: data, heldOut: heldOut, isInterrupted: isInterrupted, report: report)
      if outcome == .interrupted { return outcome }
      if case .diverged = outcome {
        returnToKept()
        return outcome
      }
    }
    returnToKept()
    return .finished
  }

  var hasStoppedImproving: Bool {
    options.patience.map { position.epoch - 1 - position.bestEpoch >= $0 } ?? false
  }

  private func returnToKept() {
    parameters.start.update(from: kept.start, count: kept.count)
    packAll()
  }

  /// Takes the rest of an epoch.
  private func trainEpoch(
    on data: Dataset, heldOut: Dataset, isInterrupted: () -> Bool, report: (TrainingProgress) throws -> Void
  ) rethrows -> TrainingOutcome {
    var order = Array(0..<data.count)
    var generator = RandomGenerator(keys.order.stream(position.epoch))
    generator.shuffle(&order)
    let (start, firstImage) = (ContinuousClock.now, position.imagesDone)
    let waitedBefore = exchange?.waitingTime
    var stops = false
    func progress() -> TrainingProgress {
      TrainingProgress(
        epoch: position.epoch, epochs: options.epochs, imagesDone: position.imagesDone, imageCount: data.count,
        loss: position.seen.loss / Double(position.imagesDone),
        accuracy: Double(position.seen.hits) / Double(max(position.seen.labelled, 1)),
        seconds: (ContinuousClock.now - start) / .seconds(1),
        waitingSeconds: exchange.flatMap { now in waitedBefore.map { (now.waitingTime - $0) / .seconds(1) } },
        imagesTimed: position.imagesDone - firstImage)
    }
    while position.imagesDone < data.count {
      let batch = order[position.imagesDone..<min(position.imagesDone + options.batchSize, data.count)]
      position.seen.add(trainStep(batch, of: data, stops: stops))
      position.imagesDone += batch.count
      if !Float(position.seen.loss).isFinite { return .diverged(epoch: position.epoch) }
      if position.imagesDone == data.count { break }
      try report(progress())
      stops = isInterrupted()
      // All ranks stop after the same step.
      if exchange?.isStopAsked ?? stops { return .interrupted }
    }
    var ended = progress()
    guard UnsafeBufferPointer(start: parameters.start, count: parameters.count).allSatisfy(\.isFinite),
      let measured = average.count > 0 ? withParameters(average, { measure(heldOut) }) : measure(heldOut)
    else { return .diverged(epoch: position.epoch) }
    (ended.heldOutLoss, ended.heldOutAccuracy) = measured
    history.append(
      TrainingEpoch(
        trainingLoss: Float(ended.loss), trainingAccuracy: Float(ended.accuracy), heldOutLoss: Float(measured.loss),
        heldOutAccuracy: Float(measured.accuracy), learningRate: learningRate(ofStep: position.step - 1, of: data)))
    position.epoch += 1
    (position.imagesDone, position.seen) = (0, TrainingOutcomes())
    try report(ended)
    return options.ranks.isAskedOfRoot(isInterrupted()) && !isFinished ? .interrupted : .finished
  }

  /// Measures the weights, or their average, and keeps them if they are the ones to keep.
  ///
  /// - Returns: nil, and nothing kept, if finite weights compute numbers that are not.
  private func measure(_ heldOut: Dataset) -> (loss: Double, accuracy: Double)? {
    let measured = evaluate(on: heldOut)
    guard Float(measured.loss).isFinite else { return nil }
    let isBest = measured.accuracy > position.bestAccuracy
    if isBest { (position.bestEpoch, position.bestAccuracy) = (position.epoch, measured.accuracy) }
    if isBest || !options.keepsBestEpoch {
      kept.start.update(from: parameters.start, count: kept.count)
      position.keptAccuracy = measured.accuracy
    }
    return measured
  }
}
