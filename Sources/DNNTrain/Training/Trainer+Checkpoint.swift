import DNNCluster
import DNNModel
import MNISTInfer

extension Trainer {
  /// The model as training would end now, with the state to go on from: `modelFile` and a section more. May be called between
  /// steps, from what `train` reports to, and after `train` was interrupted.
  ///
  /// - Parameters:
  ///   - record: as for `modelFile`.
  ///   - heldOut: the same images that `train` measures on.
  /// - Returns: the file, not yet encoded.
  /// - Throws: `ModelFileError` or `Failure` if the format cannot express the model.
  public func checkpoint(_ record: TrainingRecord, heldOut: Dataset) throws -> ModelFile {
    func elements(_ buffer: borrowing Buffer<Float>) -> [Float] {
      Array(UnsafeBufferPointer(start: buffer.start, count: buffer.count))
    }
    let state = TrainingState(
      settings: stateSettings(record, heldOut: heldOut), position: position,
      buffers: [elements(parameters), elements(optimizerState), elements(average), elements(kept)])
    return try withParameters(kept) {
      var model = try modelFile(record, heldOut: heldOut, heldOutAccuracy: position.keptAccuracy)
      model.trainingState = state.encoded
      return model
    }
  }

  /// Takes over the state of a checkpoint, so that `train` goes on bit for bit as if it had never stopped.
  ///
  /// - Parameters:
  ///   - checkpoint: of a training with the same options, threads aside, and the same data.
  ///   - record: as for `checkpoint`.
  ///   - heldOut: as for `checkpoint`.
  /// - Throws: `CheckpointError`; the trainer is as it was then.
  public func resume(from checkpoint: ModelFile, _ record: TrainingRecord, heldOut: Dataset) throws {
    guard let bytes = checkpoint.trainingState else { throw CheckpointError.noState }
    let state = try TrainingState(decoding: bytes)
    let settings = stateSettings(record, heldOut: heldOut)
    for setting in Set(settings.keys).union(state.settings.keys).sorted()
    where settings[setting] != state.settings[setting] {
      throw CheckpointError.differs(setting: setting, before: state.settings[setting], now: settings[setting])
    }
    let sizes = [parameters.count, optimizerState.count, average.count, kept.count]
    guard state.buffers.map(\.count) == sizes, state.position.epoch >= 1,
      checkpoint.history.count == state.position.epoch - 1
    else { throw CheckpointError.damaged }
    position = state.position
    history = checkpoint.history
    parameters.start.update(from: state.buffers[0], count: sizes[0])
    optimizerState.start.update(from: state.buffers[1], count: sizes[1])
    average.start.update(from: state.buffers[2], count: sizes[2])
    kept.start.update(from: state.buffers[3], count: sizes[3])
    packAll()
  }

  /// Compares what decides the result on all ranks: version, instruction set, options, data. All ranks together.
  ///
  /// - Parameters:
  ///   - ranks: those that train this network together, or each one of its own.
  ///   - record: as for `checkpoint`.
  ///   - heldOut: as for `checkpoint`.
  /// - Throws: `RanksDifferError` if another rank than the root has something else than the root.
  public func check(_ ranks: Communicator, _ record: TrainingRecord, heldOut: Dataset) throws {
    try ranks.agree(on: stateSettings(record, heldOut: heldOut))
  }

  /// Whether all epochs are done.
  public var isFinished: Bool { position.epoch > options.epochs || hasStoppedImproving }

  private func stateSettings(_ record: TrainingRecord, heldOut: Dataset) -> [String: String] {
    var settings = settings(record, heldOut: heldOut)
    settings["instruction-set"] = String(cString: network.kernelName)
    return settings
  }
}
