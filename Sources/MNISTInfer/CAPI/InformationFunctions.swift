import CMNISTInfer
import CPlatform

/// `dnn_model_layer_count` of mnistinfer.h.
@_cdecl("dnn_model_layer_count")
public func modelLayerCount(_ model: OpaquePointer?) -> UInt32 {
  guard let model else { return 0 }
  return UInt32(Model.Handle(model).pointee.network.layers.count)
}

/// `dnn_model_layer` of mnistinfer.h.
@_cdecl("dnn_model_layer")
public func modelLayer(
  _ model: OpaquePointer?, _ index: UInt32, _ info: UnsafeMutablePointer<dnn_layer_info>?,
  _ error: UnsafeMutablePointer<dnn_error>?
) -> dnn_status {
  report(error) { () throws(Failure) in
    guard let model else { throw Failure(.badArgument, "dnn_model_layer: model is NULL") }
    guard let info else { throw Failure(.badArgument, "dnn_model_layer: info is NULL") }
    let count = modelLayerCount(model)
    guard index < count else { throw Failure(.badArgument, "dnn_model_layer: layer \(index) of \(count)") }
    info.pointee = describe(Int(index), of: Model.Handle(model))
  }
}

private func describe(_ index: Int, of model: Model.Handle) -> dnn_layer_info {
  let layer = model.pointee.network.layers[index]
  var info = dnn_layer_info()
  info.kind = cString(layer.kind.title)
  // In the file's bytes, where it ends with a zero.
  let record = NetworkRecord.size + index * LayerRecord.size
  info.name = model.pointee.container.required(.layers).baseAddress.map {
    ($0 + record + LayerRecord.nameOffset).assumingMemoryBound(to: CChar.self)
  }
  info.inputs = (UInt32(layer.inputs.0), UInt32(layer.inputs.1))
  info.input_count = UInt32(layer.inputCount)
  info.height = UInt32(layer.output.height)
  info.width = UInt32(layer.output.width)
  info.channels = UInt32(layer.output.channels)
  info.parameters = UInt64(parameterCount(layer, of: model.pointee.network))
  if layer.kind == .convolution || layer.kind == .dense {
    info.multiply_adds = UInt64(operationCount(layer, of: model.pointee.network, vector: 1))
  }
  return info
}

private func parameterCount(_ layer: Layer, of network: borrowing Network) -> Int {
  var count = 0
  // Not the table of an activation: that is a function, written out.
  guard layer.hasWeights else { return count }
  if let weights = layer.weights { count += network.tensors[weights].elementCount }
  if let bias = layer.bias { count += network.tensors[bias].elementCount }
  return count
}

/// `dnn_model_property` of mnistinfer.h.
@_cdecl("dnn_model_property")
public func modelProperty(_ model: OpaquePointer?, _ key: UnsafePointer<CChar>?) -> UnsafePointer<CChar>? {
  guard let model, let key else { return nil }
  let container = Model.Handle(model).pointee.container
  return property(container, .provenance, key) ?? property(container, .metadata, key)
}

/// The value under a key of a section of pairs, which the loader has checked.
private func property(
  _ container: Container, _ kind: SectionKind, _ key: UnsafePointer<CChar>
) -> UnsafePointer<CChar>? {
  guard let section = container.section(kind) else { return nil }
  var reader = TextReader(kind, section)
  do throws(Failure) {
    for _ in 0..<(try reader.count(limit: Limits.pairs)) {
      let (candidate, value) = (try reader.string(), try reader.string())
      if let start = candidate.baseAddress, let result = value.baseAddress,
        strcmp(UnsafeRawPointer(start).assumingMemoryBound(to: CChar.self), key) == 0
      {
        return UnsafeRawPointer(result).assumingMemoryBound(to: CChar.self)
      }
    }
  } catch {
    error.message.discard()
  }
  return nil
}
