#include <string>
#include <vector>

#include "cli/verbs.h"

int main(int argc, char** argv) {
  return kuchi::cli::run(std::vector<std::string>(argv, argv + argc));
}
