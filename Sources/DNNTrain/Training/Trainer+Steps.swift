import MNISTInfer

extension Trainer {
  /// Trains on one batch.
  ///
  /// - Parameters:
  ///   - batch: indices of the batch's images.
  ///   - data: what they are images of.
  ///   - stops: whether this rank is asked to stop; see `GradientExchange.isStopAsked`.
  /// - Returns: what the network made of them.
  func trainStep(_ batch: ArraySlice<Int>, of data: Dataset, stops: Bool = false) -> TrainingOutcomes {
    let learningRate = learningRate(ofStep: position.step, of: data)
    position.step += 1
    let tree = SumTree(shardCount: (batch.count + shardSize - 1) / shardSize)
    exchange?.begin(shardCount: tree.shardCount, stops: stops)
    let shards = exchange?.shards ?? 0..<tree.shardCount
    computeGradients(batch, shards, of: data)
    exchange?.finish()
    let isClipped = options.clipNorm < .infinity
    parallel.forEach(blocks.count) { task, _ in
      let block = blocks[task]
      if exchange == nil {
        tree.add(shards, shardGradients.start, stride: network.parameterCount, range: block.range)
      }
      if isClipped {
        squaredNorms[task] = isLearned(block) ? squaredNorm(shardGradients.start, block.range) : 0
      } else {
        update(block, learningRate)
      }
    }
    if isClipped { updateClipped(learningRate) }
    parallel.forEach(blocks.count) { task, _ in
      if isLearned(blocks[task]) { network.pack(blocks[task], from: computedParameters) }
    }
    return (0..<tree.shardCount).reduce(into: TrainingOutcomes()) { $0.add(outcomes[$1]) }
  }

  /// Steps count from 0, over all epochs.
  func learningRate(ofStep step: Int, of data: Dataset) -> Float {
    let factor = options.schedule.factor(
      step: step, stepsPerEpoch: (data.count + options.batchSize - 1) / options.batchSize, epochs: options.epochs)
    return Float(Double(options.optimizer.learningRate) * factor)
  }

  /// The length of the whole gradient is known only once all blocks are added up.
  private func updateClipped(_ learningRate: Float) {
    let norm = (0..<blocks.count).reduce(0.0) { $0 + squaredNorms[$1] }.squareRoot()
    let factor = Float(min(Double(options.clipNorm) / norm, 1))
    parallel.forEach(blocks.count) { task, _ in
      let block = blocks[task]
      if factor < 1 && isLearned(block) { scale(shardGradients.start, block.range, by: factor) }
      update(block, learningRate)
    }
  }

  private func isLearned(_ block: ParameterBlock) -> Bool {
    block.parameter.role.isLearned && !network.isFrozen[block.layer]
  }

  /// Changes a block by its gradient, which stands in the first shard's place.
  private func update(_ block: ParameterBlock, _ learningRate: Float) {
    if network.isFrozen[block.layer] { return }
    let gradient = shardGradients.start + block.range.lowerBound
    let values = parameters.start + block.range.lowerBound
    if block.parameter.role.isLearned {
      weightRounding?.stopClipped(shardGradients.start, block, of: parameters.start)
      if options.weightDecay > 0 && block.parameter.role == .weights {
        scale(parameters.start, block.range, by: 1 - learningRate * options.weightDecay)
      }
      options.optimizer.update(
        values, gradient: gradient, state: optimizerState.start + block.range.lowerBound,
        stateStride: network.parameterCount, count: block.range.count, step: position.step, learningRate: learningRate)
      weightRounding?.round(block, from: parameters.start)
    } else {
      BatchNormalisation.follow(gradient, values, count: block.range.count)
    }
    if average.count > 0 { follow(average.start, parameters.start, block.range, share: averageShare) }
  }

  /// How far the average goes to the weights. The first steps count more, so that it soon forgets the first weights; the ramp is
  /// that of TensorFlow's `ExponentialMovingAverage`.
  private var averageShare: Float {
    let step = Float(position.step)
    return 1 - min(options.averageDecay, (1 + step) / (10 + step))
  }

  /// Takes some of a batch's shards forward and back: leaves each one's outcome, and its gradient of the batch's mean loss.
  private func computeGradients(_ batch: ArraySlice<Int>, _ shards: Range<Int>, of data: Dataset) {
    let scale = 1 / Float(batch.count)
    let noise = keys.noise.stream(position.step)
    let changes = keys.augmentation.stream(position.epoch)
    parallel.forEach(shards.count) { task, worker in
      let first = (shards.lowerBound + task) * shardSize
      let images = batch.dropFirst(first).prefix(shardSize)
      let workspace = workspaces[worker]
      let targets = loaders[worker].load(images, of: data, into: workspace, changes)
      network.forward(
        workspace, imageCount: images.count, parameters: computedParameters, noise: noise, firstImage: first)
      outcomes[shards.lowerBound + task] = computeLoss(targets, workspace, scale: scale)
      exchange?.finishedOutcome()
      network.backward(
        workspace, imageCount: images.count, share: Float(images.count) * scale, parameters: computedParameters,
        gradient: shardGradients.start + task * network.parameterCount
      ) { exchange?.finishedLayer($0) }
    }
  }

  private func computeLoss(
    _ targets: [SoftmaxCrossEntropy.Target], _ workspace: Workspace, scale: Float
  ) -> TrainingOutcomes {
    let (loss, last) = (network.loss, network.layers.count)
    return targets.enumerated().reduce(into: TrainingOutcomes()) { sum, image in
      let (place, target) = image
      let values = workspace.values[last] + place * loss.logits.size
      let isHit = target.isLabelled && loss.likeliest(values) == target.label
      let gradient = workspace.gradients[last] + place * loss.logitsGradient.size
      sum.add(
        TrainingOutcomes(
          loss: loss.run(values, target: target, scale: scale, gradient: gradient), labelled: target.isLabelled ? 1 : 0,
          hits: isHit ? 1 : 0))
    }
  }
}

private func squaredNorm(_ values: UnsafePointer<Float>, _ range: Range<Int>) -> Double {
  var sum = SIMD8<Double>.zero
  for index in stride(from: range.lowerBound, to: range.upperBound, by: Vector.scalarCount) {
    let value = SIMD8<Double>(Vector(values + index))
    sum += value * value
  }
  return sum.sum()
}

private func scale(_ values: UnsafeMutablePointer<Float>, _ range: Range<Int>, by factor: Float) {
  for index in stride(from: range.lowerBound, to: range.upperBound, by: Vector.scalarCount) {
    (Vector(values + index) * factor).store(values + index)
  }
}

private func follow(
  _ average: UnsafeMutablePointer<Float>, _ values: UnsafePointer<Float>, _ range: Range<Int>, share: Float
) {
  for index in stride(from: range.lowerBound, to: range.upperBound, by: Vector.scalarCount) {
    let past = Vector(average + index)
    (past + share * (Vector(values + index) - past)).store(average + index)
  }
}
