// Classifies PNG files in C++17, once with results that are asked, once with exceptions:
//   ./cplusplus digits/7.png
#include <mnistinfer.hpp>

#include <exception>
#include <iomanip>
#include <iostream>

static int classify(int count, char **paths) {
  // value() throws mnistinfer::Error where there is none.
  const mnistinfer::Model model = mnistinfer::Model::open_default().value();
  mnistinfer::Session session = mnistinfer::Session::open(model).value();
  int failed = 0;
  std::cout << std::fixed << std::setprecision(1);
  for (int index = 0; index < count; index++) {
    if (const auto best = session.classify_file(paths[index])) {
      std::cout << paths[index] << ": " << best->label << " (" << 100 * best->probability << " %)\n";
    } else {
      std::cerr << "cplusplus: " << best.error().message << '\n';
      failed = 1;
    }
  }
  return failed;
}

int main(int argc, char **argv) {
  try {
    return classify(argc - 1, argv + 1);
  } catch (const std::exception &error) {
    std::cerr << "cplusplus: " << error.what() << '\n';
    return 1;
  }
}
