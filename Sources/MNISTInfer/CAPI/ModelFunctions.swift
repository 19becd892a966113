import CDefaultModel
import CMNISTInfer
import CPlatform

/// `dnn_model_open` of mnistinfer.h.
@_cdecl("dnn_model_open")
public func modelOpen(
  _ path: UnsafePointer<CChar>?, _ model: UnsafeMutablePointer<OpaquePointer?>?,
  _ error: UnsafeMutablePointer<dnn_error>?
) -> dnn_status {
  openModel(model, error) { () throws(Failure) in
    guard let path else { throw Failure(.badArgument, "dnn_model_open: path is NULL") }
    do throws(Failure) {
      return try Model.make(FileBytes(path: path))
    } catch {
      // What is wrong with the contents does not name the file yet.
      let namesFile = error.status == .cannotRead || error.status == .outOfMemory
      throw namesFile ? error : Failure(error.status, "\(path): \(error.message)")
    }
  }
}

/// `dnn_model_open_memory` of mnistinfer.h.
@_cdecl("dnn_model_open_memory")
public func modelOpenMemory(
  _ bytes: UnsafeRawPointer?, _ size: Int, _ model: UnsafeMutablePointer<OpaquePointer?>?,
  _ error: UnsafeMutablePointer<dnn_error>?
) -> dnn_status {
  openModel(model, error) { () throws(Failure) in
    guard bytes != nil || size == 0 else { throw Failure(.badArgument, "dnn_model_open_memory: bytes is NULL") }
    guard size >= 0 else { throw Failure(.badArgument, "dnn_model_open_memory: size is out of range") }
    return try Model.make(FileBytes(copying: UnsafeRawBufferPointer(start: bytes, count: size)))
  }
}

/// `dnn_model_open_borrowed` of mnistinfer.h.
@_cdecl("dnn_model_open_borrowed")
public func modelOpenBorrowed(
  _ bytes: UnsafeRawPointer?, _ size: Int, _ model: UnsafeMutablePointer<OpaquePointer?>?,
  _ error: UnsafeMutablePointer<dnn_error>?
) -> dnn_status {
  openModel(model, error) { () throws(Failure) in
    guard let bytes else { throw Failure(.badArgument, "dnn_model_open_borrowed: bytes is NULL") }
    guard size >= 0 else { throw Failure(.badArgument, "dnn_model_open_borrowed: size is out of range") }
    guard Int(bitPattern: bytes) % memoryAlignment == 0 else {
      throw Failure(.badArgument, "dnn_model_open_borrowed: bytes do not start at a multiple of \(memoryAlignment)")
    }
    return try Model.make(FileBytes(borrowing: UnsafeRawBufferPointer(start: bytes, count: size)))
  }
}

/// `dnn_model_open_default` of mnistinfer.h.
@_cdecl("dnn_model_open_default")
public func modelOpenDefault(
  _ model: UnsafeMutablePointer<OpaquePointer?>?, _ error: UnsafeMutablePointer<dnn_error>?
) -> dnn_status {
  openModel(model, error) { () throws(Failure) in
    try Model.make(
      FileBytes(borrowing: UnsafeRawBufferPointer(start: default_model_bytes(), count: default_model_size())))
  }
}

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

/// What the functions that open a model share: the handle is NULL unless all went well.
private func openModel(
  _ model: UnsafeMutablePointer<OpaquePointer?>?, _ error: UnsafeMutablePointer<dnn_error>?,
  _ make: () throws(Failure) -> Model.Handle
) -> dnn_status {
  model?.pointee = nil
  return report(error) { () throws(Failure) in
    guard let model else { throw Failure(.badArgument, "the model's address is NULL") }
    model.pointee = OpaquePointer(try make())
  }
}
