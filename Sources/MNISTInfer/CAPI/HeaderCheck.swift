import CMNISTInfer

/// Never run. Each pair of lines compiles only if the Swift function has exactly the type that the header declares: `@_cdecl`
/// itself accepts any signature, so the header could drift away unnoticed.
private func checkSignatures() {
  expect(CMNISTInfer.dnn_model_open, modelOpen)
  expect(CMNISTInfer.dnn_model_open_memory, modelOpenMemory)
  expect(CMNISTInfer.dnn_model_open_borrowed, modelOpenBorrowed)
  expect(CMNISTInfer.dnn_model_open_default, modelOpenDefault)
  expect(CMNISTInfer.dnn_model_open_with, modelOpenWith)
  expect(CMNISTInfer.dnn_model_layer_count, modelLayerCount)
  expect(CMNISTInfer.dnn_model_layer, modelLayer)
  expect(CMNISTInfer.dnn_model_property, modelProperty)
  expect(CMNISTInfer.dnn_session_verify, sessionVerify)
  expect(CMNISTInfer.dnn_model_close, modelClose)
  expect(CMNISTInfer.dnn_model_class_count, modelClassCount)
  expect(CMNISTInfer.dnn_model_label, modelLabel)
  expect(CMNISTInfer.dnn_model_input_shape, modelInputShape)
  expect(CMNISTInfer.dnn_session_open, sessionOpen)
  expect(CMNISTInfer.dnn_session_close, sessionClose)
  expect(CMNISTInfer.dnn_classify_png_file, classifyPNGFile)
  expect(CMNISTInfer.dnn_classify_png_memory, classifyPNGMemory)
  expect(CMNISTInfer.dnn_classify_rgba, classifyRGBA)
  expect(CMNISTInfer.dnn_prepare_rgba, prepareRGBA)
  expect(CMNISTInfer.dnn_prepare_png_file, preparePNGFile)
  expect(CMNISTInfer.dnn_prepare_png_memory, preparePNGMemory)
  expect(CMNISTInfer.dnn_predict_u8, predictU8)
  expect(CMNISTInfer.dnn_version, version)
  expect(CMNISTInfer.dnn_instruction_set, instructionSet)
}

private func expect<Function>(_ declared: Function, _ defined: Function) {}
