// The functions of mnistinfer.hpp that take a PNG in memory, or pixels: they say the same as others.
//   cplusplus SEVEN
#include <mnistinfer.hpp>

#include <fstream>
#include <iostream>
#include <iterator>

static void check(bool condition, const char *what) {
  if (condition) return;
  std::cerr << "FAILED: " << what << '\n';
  std::exit(1);
}

int main(int, char **argv) {
  const mnistinfer::Model model = mnistinfer::Model::open_default().value();
  mnistinfer::Session session = mnistinfer::Session::open(model, 1).value();
  std::ifstream file(argv[1], std::ios::binary);
  const std::vector<char> png((std::istreambuf_iterator<char>(file)), {});
  const std::vector<std::uint8_t> image = model.prepare_file(argv[1]).value();
  check(model.prepare_memory(png).value() == image, "prepare_memory is not prepare_file");

  // The image as pixels of a larger picture.
  const mnistinfer::Shape shape = model.input_shape();
  const std::size_t stride = 4 * (shape.width + 3);
  std::vector<std::uint8_t> larger(stride * shape.height, 99), seen(image.size());
  for (std::size_t y = 0; y < shape.height; y++) {
    for (std::size_t x = 0; x < shape.width; x++) {
      std::uint8_t *pixel = &larger[y * stride + 4 * x];
      pixel[0] = pixel[1] = pixel[2] = image[y * shape.width + x];
      pixel[3] = 255;
    }
  }
  const mnistinfer::Pixels pixels{larger.data(), shape.width, shape.height, stride};
  check(dnn_prepare_rgba(model.get(), larger.data(), shape.width, shape.height, stride, seen.data(), nullptr) == DNN_OK, "C");
  check(model.prepare_rgba(pixels).value() == seen, "prepare_rgba is not dnn_prepare_rgba");
  const std::vector<float> probabilities = session.predict(seen).value();
  const mnistinfer::Prediction best = session.classify_rgba(pixels).value();
  check(best.label == "7" && best.probability == probabilities[7], "classify_rgba");
  check(session.rank_rgba(pixels, 3).value().size() == 3, "rank_rgba gives other than 3 classes");
  check(model.prepare_memory(mnistinfer::Bytes(png.data(), 20)).error().status == DNN_BAD_PICTURE, "20 bytes of a PNG");
  check(session.classify_rgba({nullptr, 1, 1, 4}).error().status == DNN_BAD_ARGUMENT, "no pixels");
}
