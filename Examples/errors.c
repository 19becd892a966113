/* What can go wrong, and how a program tells one from the other: a status to decide by, a message to show. Nothing here ends
   the program, and every handle stays usable after an error:
     ./errors digits/7.png */
#include <mnistinfer.h>
#include <stdio.h>

static const char *advice(dnn_status status) {
  switch (status) {
  case DNN_OK: return "fine";
  case DNN_BAD_ARGUMENT: return "a mistake in the calling program";
  case DNN_OUT_OF_MEMORY: return "try again later, or with fewer threads";
  case DNN_CANNOT_READ: return "ask for another path";
  case DNN_NOT_A_MODEL: return "the file is of another kind";
  case DNN_DAMAGED: return "fetch the model again";
  case DNN_UNSUPPORTED: return "update the library";
  case DNN_BAD_PICTURE: return "ask for another picture";
  case DNN_NOTHING_TO_SEE: return "an answer rather than an error: the picture is blank";
  }
  return "an error that a newer library knows";
}

/* Shows a call's result; its status again, so that the caller may go by it. */
static dnn_status show(const char *call, dnn_status status, const dnn_error *error) {
  printf("%s: status %d, %s", call, (int)status, advice(status));
  if (status != DNN_OK) printf(" (%s)", error->message);
  putchar('\n');
  return status;
}

int main(int argc, char **argv) {
  dnn_error error;
  dnn_model *model = NULL;
  dnn_session *session = NULL;
  dnn_prediction best;
  const char *picture = argc > 1 ? argv[1] : "digits/7.png";

  /* A handle that could not be opened is NULL, and closing it does nothing. */
  show("a missing model", dnn_model_open("missing.dnn", &model, &error), &error);
  dnn_model_close(model);
  show("a picture as a model", dnn_model_open(picture, &model, &error), &error);
  show("a forgotten argument", dnn_model_open(NULL, &model, &error), &error);

  if (show("the built-in model", dnn_model_open_default(&model, &error), &error) != DNN_OK) return 1;
  dnn_session_options options = {sizeof options, 1};
  dnn_status status = show("a session", dnn_session_open(model, &options, &session, &error), &error);
  if (status == DNN_OK) {
    show("a text as a picture", dnn_classify_png_memory(session, "not a PNG", 9, &best, 1, NULL, &error), &error);
    /* Who does not want to know more than the status passes NULL. */
    if (dnn_classify_png_file(session, "missing.png", &best, 1, NULL, NULL) == DNN_CANNOT_READ) puts("no such picture");
    status = show("the picture", dnn_classify_png_file(session, picture, &best, 1, NULL, &error), &error);
    if (status == DNN_OK) printf("%s: %s\n", picture, best.label);
  }
  dnn_session_close(session);
  dnn_model_close(model);
  return status != DNN_OK;
}
