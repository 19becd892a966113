/* Carries a model of its own inside the program, so that no file has to be found when it runs. embedded_model.S puts it there;
   the library uses it where it stands, without a copy:
     ./embedded digits/7.png */
#include <mnistinfer.h>
#include <stdio.h>

extern const unsigned char model_start[], model_end[];

int main(int argc, char **argv) {
  dnn_error error;
  dnn_model *model = NULL;
  dnn_session *session = NULL;
  int failed = 0;

  if (dnn_model_open_borrowed(model_start, (size_t)(model_end - model_start), &model, &error) != DNN_OK ||
      dnn_session_open(model, NULL, &session, &error) != DNN_OK) {
    fprintf(stderr, "embedded: %s\n", error.message);
    dnn_model_close(model);
    return 1;
  }

  const char *recipe = dnn_model_property(model, "recipe");
  printf("a model of recipe %s for %u classes\n", recipe != NULL ? recipe : "unknown", dnn_model_class_count(model));
  for (int index = 1; index < argc; index++) {
    dnn_prediction best;
    if (dnn_classify_png_file(session, argv[index], &best, 1, NULL, &error) == DNN_OK) {
      printf("%s: %s (%.1f %%)\n", argv[index], best.label, 100.0 * best.probability);
    } else {
      fprintf(stderr, "embedded: %s\n", error.message);
      failed = 1;
    }
  }

  dnn_session_close(session);
  dnn_model_close(model);
  return failed;
}
