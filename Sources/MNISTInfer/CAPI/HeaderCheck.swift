import CMNISTInfer

/// Never run. Each pair of lines compiles only if the Swift function has exactly the type that the header declares: `@_cdecl`
/// itself accepts any signature, so the header could drift away unnoticed.
private func checkSignatures() {
  var modelOpen = CMNISTInfer.dnn_model_open
  modelOpen = dnn_model_open
  _ = modelOpen
  var modelOpenMemory = CMNISTInfer.dnn_model_open_memory
  modelOpenMemory = dnn_model_open_memory
  _ = modelOpenMemory
  var modelOpenDefault = CMNISTInfer.dnn_model_open_default
  modelOpenDefault = dnn_model_open_default
  _ = modelOpenDefault
  var modelClose = CMNISTInfer.dnn_model_close
  modelClose = dnn_model_close
  _ = modelClose
  var modelClassCount = CMNISTInfer.dnn_model_class_count
  modelClassCount = dnn_model_class_count
  _ = modelClassCount
  var modelLabel = CMNISTInfer.dnn_model_label
  modelLabel = dnn_model_label
  _ = modelLabel
  var modelInputShape = CMNISTInfer.dnn_model_input_shape
  modelInputShape = dnn_model_input_shape
  _ = modelInputShape
  var sessionOpen = CMNISTInfer.dnn_session_open
  sessionOpen = dnn_session_open
  _ = sessionOpen
  var sessionClose = CMNISTInfer.dnn_session_close
  sessionClose = dnn_session_close
  _ = sessionClose
  var classifyPngFile = CMNISTInfer.dnn_classify_png_file
  classifyPngFile = dnn_classify_png_file
  _ = classifyPngFile
  var classifyPngMemory = CMNISTInfer.dnn_classify_png_memory
  classifyPngMemory = dnn_classify_png_memory
  _ = classifyPngMemory
  var predictU8 = CMNISTInfer.dnn_predict_u8
  predictU8 = dnn_predict_u8
  _ = predictU8
  var version = CMNISTInfer.dnn_version
  version = dnn_version
  _ = version
  var instructionSet = CMNISTInfer.dnn_instruction_set
  instructionSet = dnn_instruction_set
  _ = instructionSet
}
