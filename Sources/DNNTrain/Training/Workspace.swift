import MNISTInfer

/// Memory for one shard on its way through a network and back: values, gradients and what layers remember in between. Zero at
/// first; each thread has its own.
final class Workspace {
  private let memory: Buffer<Float>
  /// Value i of the shard's images.
  let values: [UnsafeMutablePointer<Float>]
  /// What the layer before value i computed, of which value i is what it is rounded to; value i itself where nothing is rounded.
  let outputs: [UnsafeMutablePointer<Float>]
  /// The gradient of value i; empty where nothing before it learns.
  let gradients: [UnsafeMutablePointer<Float>]
  /// Layer i's own.
  let scratch: [UnsafeMutablePointer<Float>]
  /// By input of a layer: where its gradient waits to be added to another.
  let detours: [UnsafeMutablePointer<Float>]

  init(_ network: TrainableNetwork) throws(Failure) {
    let alignment = memoryAlignment / MemoryLayout<Float>.stride
    var size = 0
    func reserve(_ count: Int) -> Int {
      defer { size += roundUp(count, to: alignment) }
      return size
    }
    let valueOffsets = network.values.map { reserve(shardSize * $0.size) }
    let outputOffsets = network.values.indices.map {
      network.roundings[$0] == nil ? valueOffsets[$0] : reserve(shardSize * network.values[$0].size)
    }
    let gradientOffsets = network.gradients.indices.map { reserve(shardSize * network.gradientSize($0)) }
    let scratchOffsets = network.layers.map { reserve($0.scratchSize) }
    let detourOffsets = network.detourSizes.map { reserve(shardSize * $0) }
    memory = try Buffer(count: size)
    let start = memory.start
    values = valueOffsets.map { start + $0 }
    outputs = outputOffsets.map { start + $0 }
    gradients = gradientOffsets.map { start + $0 }
    scratch = scratchOffsets.map { start + $0 }
    detours = detourOffsets.map { start + $0 }
  }

  /// Writes an 8-bit picture, normalised, into value 0.
  func load(_ picture: UnsafePointer<UInt8>, as index: Int, of network: TrainableNetwork) {
    let layout = network.values[0]
    let channels = layout.shape.channels
    let rowCount = layout.shape.width * channels
    for y in 0..<layout.shape.height {
      let source = picture + y * rowCount
      let target = values[0] + index * layout.size + layout.pixel(y, 0)
      for channel in 0..<channels {
        let (scale, offset) = network.normalisation[channel]
        var place = channel
        for x in stride(from: channel, to: rowCount, by: channels) {
          target[place] = Float(source[x]) * scale + offset
          place += layout.pixelStride
        }
      }
    }
  }
}
