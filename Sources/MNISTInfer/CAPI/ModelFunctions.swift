import CMNISTInfer

/// `dnn_model_close` of mnistinfer.h.
@_cdecl("dnn_model_close")
public func modelClose(_ model: OpaquePointer?) {
  if let model { Model.release(Model.Handle(model)) }
}

/// `dnn_model_class_count` of mnistinfer.h.
@_cdecl("dnn_model_class_count")
public func modelClassCount(_ model: OpaquePointer?) -> UInt32 {
  guard let model else { return 0 }
  return UInt32(Model.Handle(model).pointee.network.classCount)
}

/// `dnn_model_label` of mnistinfer.h.
@_cdecl("dnn_model_label")
public func modelLabel(_ model: OpaquePointer?, _ classIndex: UInt32) -> UnsafePointer<CChar>? {
  guard let model, classIndex < modelClassCount(model) else { return nil }
  return Model.Handle(model).pointee.labels[Int(classIndex)]
}

/// `dnn_model_input_shape` of mnistinfer.h.
@_cdecl("dnn_model_input_shape")
public func modelInputShape(
  _ model: OpaquePointer?, _ height: UnsafeMutablePointer<UInt32>?, _ width: UnsafeMutablePointer<UInt32>?,
  _ channels: UnsafeMutablePointer<UInt32>?
) {
  let shape = model.map { Model.Handle($0).pointee.network.input } ?? Shape(height: 0, width: 0, channels: 0)
  height?.pointee = UInt32(shape.height)
  width?.pointee = UInt32(shape.width)
  channels?.pointee = UInt32(shape.channels)
}
