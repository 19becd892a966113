/* Classifies PNG files with the model inside the library, or with another:
     ./classify digits/7.png
     ./classify -m model.dnn digits/7.png */
#include <mnistinfer.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv) {
  dnn_error error;
  dnn_model *model = NULL;
  dnn_session *session = NULL;
  int first = argc > 2 && strcmp(argv[1], "-m") == 0 ? 3 : 1;
  int failed = 0;

  dnn_status status = first == 3 ? dnn_model_open(argv[2], &model, &error) : dnn_model_open_default(&model, &error);
  if (status == DNN_OK) status = dnn_session_open(model, NULL, &session, &error);
  if (status != DNN_OK) {
    fprintf(stderr, "classify: %s\n", error.message);
    dnn_model_close(model);
    return 1;
  }

  for (int index = first; index < argc; index++) {
    dnn_prediction best;
    if (dnn_classify_png_file(session, argv[index], &best, 1, NULL, &error) == DNN_OK) {
      printf("%s: %s (%.1f %%)\n", argv[index], best.label, 100.0 * best.probability);
    } else {
      fprintf(stderr, "classify: %s\n", error.message);
      failed = 1;
    }
  }

  dnn_session_close(session);
  dnn_model_close(model);
  return failed;
}
