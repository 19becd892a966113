/* What nobody may do: two threads use one session at the same time. That the thread sanitizer sees it proves that it sees the
   library's memory at all; Tests/trust.sh wants a report. */
#include "support.h"
#include <pthread.h>

static dnn_session *session;
static unsigned char *images;

static void *work(void *probabilities) {
  for (int round = 0; round < 100; round++) dnn_predict_u8(session, images, 1, probabilities, NULL);
  return NULL;
}

int main(void) {
  static float probabilities[2][10];
  dnn_model *model = open_model("default");
  pthread_t other;
  session = open_session(model, 1);
  images = make_images(model, 1);
  CHECK(pthread_create(&other, NULL, work, probabilities[0]) == 0, "cannot start a thread");
  work(probabilities[1]);
  pthread_join(other, NULL);
  free(images);
  dnn_session_close(session);
  dnn_model_close(model);
  return 0;
}
