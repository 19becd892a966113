/* mnistinfer for C++17: handles that close themselves, views instead of pointers, and results that hold a value or an error.

     mnistinfer::Model model = mnistinfer::Model::open_default().value();
     mnistinfer::Session session = mnistinfer::Session::open(model).value();
     mnistinfer::Prediction best = session.classify_file("digit.png").value();
     std::cout << best.label << '\n';

   Whatever can fail returns a Result. Its value() throws mnistinfer::Error where there is none; who wants no exceptions asks
   the result first:

     if (auto best = session.classify_file("digit.png")) use(*best);
     else complain(best.error().message);

   Header only: link with -lmnistinfer. mnistinfer.h says what each function does; here is only what differs. */
#ifndef MNISTINFER_HPP
#define MNISTINFER_HPP

#include <mnistinfer.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace mnistinfer {

/* Why a call failed, as an exception. */
class Error : public std::runtime_error {
public:
  explicit Error(const dnn_error &error) : std::runtime_error(error.message), status(dnn_status(error.status)) {}

  const dnn_status status;
};

/* A value, or the reason why there is none. */
template <class T> class [[nodiscard]] Result {
public:
  Result(T value) : content_(std::in_place_index<0>, std::move(value)) {}
  Result(const dnn_error &error) : content_(std::in_place_index<1>, error) {}

  explicit operator bool() const noexcept { return content_.index() == 0; }

  /* The value; without one this throws Error, or ends the program where it was compiled without exceptions. */
  T &value() & { return check(), *std::get_if<0>(&content_); }
  const T &value() const & { return check(), *std::get_if<0>(&content_); }
  T &&value() && { return check(), std::move(*std::get_if<0>(&content_)); }

  /* The value, of a result that was asked before whether it has one. */
  T &operator*() & noexcept { return *std::get_if<0>(&content_); }
  const T &operator*() const & noexcept { return *std::get_if<0>(&content_); }
  T &&operator*() && noexcept { return std::move(*std::get_if<0>(&content_)); }
  T *operator->() noexcept { return std::get_if<0>(&content_); }
  const T *operator->() const noexcept { return std::get_if<0>(&content_); }

  /* The reason, of a result without a value. */
  const dnn_error &error() const noexcept { return *std::get_if<1>(&content_); }

private:
  void check() const {
    if (*this) return;
#if defined(__cpp_exceptions)
    throw Error(error());
#else
    std::abort();
#endif
  }

  std::variant<T, dnn_error> content_;
};

/* Elements that stand one after another somewhere else: a pointer and a count, or any container with data() and size(). */
template <class T> class View {
public:
  View(T *data, std::size_t size) noexcept : data_(data), size_(size) {}

  template <class Container, class = std::enable_if_t<std::is_convertible_v<
                                 decltype(std::declval<Container &>().data()), T *>>>
  View(Container &&elements) noexcept : data_(elements.data()), size_(elements.size()) {}

  T *data() const noexcept { return data_; }
  std::size_t size() const noexcept { return size_; }

private:
  T *data_;
  std::size_t size_;
};

/* Bytes of a file in memory: a pointer and a size, or a container of char, unsigned char or std::byte. */
class Bytes {
public:
  Bytes(const void *data, std::size_t size) noexcept : data_(data), size_(size) {}

  template <class Container, class Element = std::remove_pointer_t<decltype(std::declval<Container &>().data())>,
            class = std::enable_if_t<sizeof(Element) == 1>>
  Bytes(Container &&bytes) noexcept : data_(bytes.data()), size_(bytes.size()) {}

  const void *data() const noexcept { return data_; }
  std::size_t size() const noexcept { return size_; }

private:
  const void *data_;
  std::size_t size_;
};

/* One class of a picture; the label lives as long as the model. */
struct Prediction {
  std::uint32_t class_index;
  float probability;
  std::string_view label;
};

struct Shape {
  std::uint32_t height, width, channels;

  /* Bytes of an image of this shape. */
  std::size_t size() const noexcept { return std::size_t{height} * width * channels; }
};

/* A picture in memory as dnn_classify_rgba takes it: red, green, blue and alpha, rows `stride` bytes apart. */
struct Pixels {
  const std::uint8_t *data;
  std::uint32_t width, height;
  std::size_t stride;
};

/* May be moved, not copied; any number of threads may use one at the same time. */
class Model {
public:
  static Result<Model> open(const std::string &path) {
    return make([&](dnn_model **model, dnn_error *error) { return dnn_model_open(path.c_str(), model, error); });
  }
  static Result<Model> open_memory(Bytes file) {
    return make([&](dnn_model **model, dnn_error *error) {
      return dnn_model_open_memory(file.data(), file.size(), model, error);
    });
  }
  /* The bytes stay the caller's, at a multiple of 64, for as long as the model and its sessions live. */
  static Result<Model> open_borrowed(Bytes file) {
    return make([&](dnn_model **model, dnn_error *error) {
      return dnn_model_open_borrowed(file.data(), file.size(), model, error);
    });
  }
  /* From a file, memory or the library, within limits. */
  static Result<Model> open_with(const dnn_model_options &options) {
    return make([&](dnn_model **model, dnn_error *error) { return dnn_model_open_with(&options, model, error); });
  }
  static Result<Model> open_default() { return make(dnn_model_open_default); }

  std::uint32_t class_count() const noexcept { return dnn_model_class_count(get()); }

  /* Empty for an index out of range. */
  std::string_view label(std::uint32_t class_index) const noexcept {
    const char *label = dnn_model_label(get(), class_index);
    return label ? label : std::string_view();
  }

  Shape input_shape() const noexcept {
    Shape shape{};
    dnn_model_input_shape(get(), &shape.height, &shape.width, &shape.channels);
    return shape;
  }

  /* What the network sees of a PNG file, a PNG in memory, or pixels: one image of the input shape. */
  Result<std::vector<std::uint8_t>> prepare_file(const std::string &path) const {
    return prepare([&](std::uint8_t *image, dnn_error *error) {
      return dnn_prepare_png_file(get(), path.c_str(), image, error);
    });
  }
  Result<std::vector<std::uint8_t>> prepare_memory(Bytes png) const {
    return prepare([&](std::uint8_t *image, dnn_error *error) {
      return dnn_prepare_png_memory(get(), png.data(), png.size(), image, error);
    });
  }
  Result<std::vector<std::uint8_t>> prepare_rgba(Pixels pixels) const {
    return prepare([&](std::uint8_t *image, dnn_error *error) {
      return dnn_prepare_rgba(get(), pixels.data, pixels.width, pixels.height, pixels.stride, image, error);
    });
  }

  std::uint32_t layer_count() const noexcept { return dnn_model_layer_count(get()); }

  Result<dnn_layer_info> layer(std::uint32_t index) const {
    dnn_layer_info info;
    dnn_error error;
    if (dnn_model_layer(get(), index, &info, &error) != DNN_OK) return error;
    return info;
  }

  std::optional<std::string_view> property(const std::string &key) const noexcept {
    const char *value = dnn_model_property(get(), key.c_str());
    return value ? std::optional<std::string_view>(value) : std::nullopt;
  }

  /* For the functions of mnistinfer.h; stays the model's. */
  dnn_model *get() const noexcept { return handle_.get(); }

private:
  struct Close {
    void operator()(dnn_model *model) const noexcept { dnn_model_close(model); }
  };

  explicit Model(dnn_model *handle) noexcept : handle_(handle) {}

  template <class Prepare> Result<std::vector<std::uint8_t>> prepare(Prepare prepare) const {
    std::vector<std::uint8_t> image(input_shape().size());
    dnn_error error;
    if (prepare(image.data(), &error) != DNN_OK) return error;
    return image;
  }

  template <class Open> static Result<Model> make(Open open) {
    dnn_model *handle = nullptr;
    dnn_error error;
    if (open(&handle, &error) != DNN_OK) return error;
    return Model(handle);
  }

  std::unique_ptr<dnn_model, Close> handle_;
};

/* For one thread at a time. May be moved, and may outlive its model. */
class Session {
public:
  /* `threads` as in dnn_session_options. */
  static Result<Session> open(const Model &model, std::uint32_t threads = 0) {
    const dnn_session_options options{sizeof options, threads};
    dnn_session *handle = nullptr;
    dnn_error error;
    if (dnn_session_open(model.get(), &options, &handle, &error) != DNN_OK) return error;
    return Session(handle, model.input_shape().size(), model.class_count());
  }

  /* The likeliest class of a PNG file. */
  Result<Prediction> classify_file(const std::string &path) { return first(rank_file(path, 1)); }

  /* The likeliest class of a PNG in memory. */
  Result<Prediction> classify_memory(Bytes png) { return first(rank_memory(png, 1)); }

  /* The likeliest class of pixels, of a camera or a canvas. */
  Result<Prediction> classify_rgba(Pixels pixels) { return first(rank_rgba(pixels, 1)); }

  /* The likeliest `capacity` classes, best first. */
  Result<std::vector<Prediction>> rank_file(const std::string &path, std::size_t capacity) {
    return rank(capacity, [&](dnn_prediction *best, std::size_t room, std::size_t *count, dnn_error *error) {
      return dnn_classify_png_file(get(), path.c_str(), best, room, count, error);
    });
  }
  Result<std::vector<Prediction>> rank_memory(Bytes png, std::size_t capacity) {
    return rank(capacity, [&](dnn_prediction *best, std::size_t room, std::size_t *count, dnn_error *error) {
      return dnn_classify_png_memory(get(), png.data(), png.size(), best, room, count, error);
    });
  }
  Result<std::vector<Prediction>> rank_rgba(Pixels pixels, std::size_t capacity) {
    return rank(capacity, [&](dnn_prediction *best, std::size_t room, std::size_t *count, dnn_error *error) {
      return dnn_classify_rgba(get(), pixels.data, pixels.width, pixels.height, pixels.stride, best, room, count, error);
    });
  }

  /* The probabilities of all classes, image after image, for images of exactly the model's input shape. */
  Result<std::vector<float>> predict(View<const std::uint8_t> images) {
    std::vector<float> probabilities(images.size() / image_size_ * class_count_);
    const Result<std::size_t> count = predict(images, probabilities);
    if (!count) return count.error();
    return probabilities;
  }

  /* The same into memory of the caller's; says how many images there were. */
  Result<std::size_t> predict(View<const std::uint8_t> images, View<float> probabilities) {
    const std::size_t count = images.size() / image_size_;
    if (images.size() != count * image_size_) return argument_error("predict: the images' size is no multiple of one's");
    if (probabilities.size() < count * class_count_) return argument_error("predict: too little room for probabilities");
    dnn_error error;
    if (dnn_predict_u8(get(), images.data(), count, probabilities.data(), &error) != DNN_OK) return error;
    return count;
  }

  Result<dnn_verification> verify() {
    dnn_verification result;
    dnn_error error;
    if (dnn_session_verify(get(), &result, &error) != DNN_OK) return error;
    return result;
  }

  /* For the functions of mnistinfer.h; stays the session's. */
  dnn_session *get() const noexcept { return handle_.get(); }

private:
  struct Close {
    void operator()(dnn_session *session) const noexcept { dnn_session_close(session); }
  };

  Session(dnn_session *handle, std::size_t image_size, std::size_t class_count) noexcept
      : handle_(handle), image_size_(image_size), class_count_(class_count) {}

  template <class Classify> Result<std::vector<Prediction>> rank(std::size_t capacity, Classify classify) {
    std::vector<dnn_prediction> best(capacity < class_count_ ? capacity : class_count_);
    std::size_t count = 0;
    dnn_error error;
    if (classify(best.data(), best.size(), &count, &error) != DNN_OK) return error;
    std::vector<Prediction> predictions;
    predictions.reserve(count);
    for (std::size_t index = 0; index < count; index++)
      predictions.push_back({best[index].class_index, best[index].probability, best[index].label});
    return predictions;
  }

  static Result<Prediction> first(const Result<std::vector<Prediction>> &predictions) {
    if (!predictions) return predictions.error();
    return predictions->front();
  }

  static dnn_error argument_error(std::string_view message) noexcept {
    dnn_error error{};
    error.status = DNN_BAD_ARGUMENT;
    message.copy(error.message, sizeof error.message - 1);
    return error;
  }

  std::unique_ptr<dnn_session, Close> handle_;
  std::size_t image_size_;
  std::size_t class_count_;
};

} // namespace mnistinfer

#endif
