#include "io/torch_file.h"

#include <sys/resource.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>

#include "catch.h"
#include "core/error.h"
#include "core/text.h"
#include "io/torch_pickle.h"
#include "torch_writer.h"

using namespace kuchi;
using namespace kuchi::io;
using namespace kuchi::test;

namespace {

namespace fs = std::filesystem;
using Shape = std::vector<int64_t>;

struct TempFile {
  fs::path path = fs::temp_directory_path() / cat("kuchi-torch-", getpid());
  explicit TempFile(const std::string& content) {
    std::ofstream(path, std::ios::binary) << content;
  }
  ~TempFile() {
    std::error_code ec;
    fs::remove(path, ec);
  }
};

fs::path golden(const std::string& name) {
  return fs::path(KUCHI_SOURCE_DIR) / "tests/golden/torch" / name;
}

std::string content(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::map<std::string, StoredTensor> tensors(const InputFile& file) {
  std::map<std::string, StoredTensor> out;
  for (auto& t : read_torch_index(file)) out.emplace(t.name, t);
  return out;
}

/// Values of a tensor in C order, its strides followed by the book.
template <typename T>
std::vector<T> values(const InputFile& file, const StoredTensor& t) {
  const auto raw = file.text(t.offset, t.bytes);
  std::vector<T> out;
  int64_t count = 1;
  for (const auto n : t.shape) count *= n;
  for (int64_t i = 0; i < count; ++i) {
    int64_t rest = i, at = 0, dense = 1;
    for (size_t d = t.shape.size(); d-- > 0;) {
      at += rest % t.shape[d] * (t.strides.empty() ? dense : t.strides[d]);
      rest /= t.shape[d];
      dense *= t.shape[d];
    }
    T value;
    std::memcpy(&value, raw.data() + at * static_cast<int64_t>(sizeof(T)), sizeof(T));
    out.push_back(value);
  }
  return out;
}

std::string mistake(const fs::path& file) {
  try {
    read_torch_index(InputFile(file));
  } catch (const UserError& e) {
    CHECK(e.code() == Exit::data);
    CHECK(std::string(e.what()).find(file.string()) == 0);
    return e.what();
  }
  return "";
}

std::string mistake(const std::string& file_content) {
  const TempFile file(file_content);
  return mistake(file.path);
}

/// What is said of a pickle beside 16 bytes of values.
std::string pickle_mistake(const std::string& pickle) {
  return mistake(torch_zip(pickle, std::string(16, '\0')));
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

PickledView view(Shape shape, Shape strides, int64_t offset = 0, int64_t all = 4) {
  return {"FloatStorage", "0", all, offset, std::move(shape), std::move(strides)};
}

[[maybe_unused]] int64_t peak_mib() {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss / 1024;
}

}  // namespace

TEST_CASE("torch file: PyTorch's own files are read, each dtype, view and protocol", "[io]") {
  std::vector<float> base(24);
  for (size_t i = 0; i < 24; ++i) base[i] = static_cast<float>(i);
  for (const auto* name : {"state.bin", "protocol4.bin", "dict.bin"}) {
    INFO(name);
    const InputFile file(golden(name));
    const auto t = tensors(file);
    REQUIRE(t.size() == 10);  // numbers, texts and lists are no tensors
    CHECK(t.at("plain").shape == Shape{4, 6});
    CHECK(values<float>(file, t.at("plain")) == base);
    CHECK(values<float>(file, t.at("whole")) == base);
    CHECK(t.at("transposed").shape == Shape{6, 4});
    CHECK(t.at("transposed").strides == Shape{1, 6});
    CHECK(values<float>(file, t.at("transposed"))[1] == 6);  // row 0, column 1
    CHECK(values<float>(file, t.at("transposed"))[4] == 1);  // row 1, column 0
    CHECK(values<float>(file, t.at("slice")) == std::vector<float>{8, 9, 10, 14, 15, 16});
    CHECK(t.at("half").dtype == "F16");
    CHECK(values<uint16_t>(file, t.at("half"))[4] == 0x3c00);  // 1 in float16
    CHECK(t.at("brain").dtype == "BF16");
    CHECK(values<uint16_t>(file, t.at("brain"))[4] == 0x3f80);  // 1 in bfloat16
    CHECK(values<double>(file, t.at("double")) == std::vector<double>{0, 1.0 / 3, 2.0 / 3});
    CHECK(t.at("count").shape.empty());
    CHECK(values<int64_t>(file, t.at("count")) == std::vector<int64_t>{7});
    CHECK(values<float>(file, t.at("parameter")) == std::vector<float>(6, -1.5F));
    CHECK(t.at("empty").shape == Shape{0, 3});
  }
}

TEST_CASE("torch file: a pickle that would call os.system is refused by name, and nothing runs",
          "[io]") {
  for (const auto* name : {"os_system.bin", "os_system4.bin"}) {
    CHECK(has(mistake(golden(name)), "asks for \"posix.system\""));
  }
  const std::string command = pickled_text("touch kuchi_was_run");
  const auto dict = [](const std::string& value) { return pickled_dict({{"w", value}}); };
  const auto named = [](const std::string& module, const std::string& name) {
    return pickled_text(module) + pickled_text(name) + "\x93";
  };
  for (const auto& [pickle, said] : std::vector<std::pair<std::string, std::string>>{
           {dict("cos\nsystem\n(" + command + "tR"), "\"os.system\""},
           {dict("cbuiltins\neval\n(" + command + "tR"), "\"builtins.eval\""},
           {dict("c__builtin__\nexec\n(" + command + "tR"), "\"__builtin__.exec\""},
           {dict("csubprocess\nPopen\n(" + command + "tR"), "\"subprocess.Popen\""},
           {dict(named("os", "system") + "(" + command + "tR"), "\"os.system\""},
           {dict(named("torch._utils", "_rebuild_tensor_v2.__globals__")), "__globals__"},
           {dict(named("torch", "FloatStorage.__init__")), "FloatStorage.__init__"},
           {dict("ctorch\nload\n(" + command + "tR"), "\"torch.load\""},
           {dict("ctorch.storage\n_load_from_bytes\n(" + command + "tR"), "_load_from_bytes"},
           {dict("c\033[2J\nsystem\n"), "\" [2J.system\""},        // no commands for the terminal
           {dict("(S'echo'\nios\nsystem\n"), "instruction 0x53"},  // STRING
           {dict("(ios\nsystem\n"), "instruction 0x69"},           // INST
           {dict("(cos\nsystem\no"), "\"os.system\""},             // OBJ
           {dict("\x82\x01"), "instruction 0x82"},                 // EXT1
           {dict(")\x81"), "instruction 0x81"},                    // NEWOBJ
           {dict("P123\n"), "instruction 0x50"},                   // PERSID
           {dict("\x8e" + little(5, 8) + "hello"), "instruction 0x8e"},
       }) {
    INFO(said);
    const auto text = pickle_mistake(pickle);
    CHECK(has(text, said));
    CHECK(has(text, "nothing of it was run"));
  }
  CHECK_FALSE(fs::exists("kuchi_was_run"));
}

TEST_CASE("torch file: what it allows cannot be called in other ways", "[io]") {
  const auto dict = [](const std::string& value) { return pickled_dict({{"w", value}}); };
  const std::string ordered = "ccollections\nOrderedDict\n";
  CHECK(has(pickle_mistake(dict(ordered + "(" + pickled_integer(1) + "tR")), "calls something"));
  CHECK(has(pickle_mistake(dict("ctorch\nfloat32\n)R")), "calls something"));
  CHECK(has(pickle_mistake(dict("ctorch\nFloatStorage\n)R")), "calls something"));
  CHECK(has(pickle_mistake(dict("ctorch._utils\n_rebuild_tensor_v2\n)R")), "calls something"));
  CHECK(has(pickle_mistake(dict("ctorch._utils\n_rebuild_parameter\n(NtR")), "calls something"));
  CHECK(has(pickle_mistake(dict(pickled_text("os") + ")R")), "not of the kind"));
  CHECK(has(pickle_mistake(dict(pickled_text("x") + "Nb")), "not of the kind"));
  CHECK(has(pickle_mistake(dict("(" + pickled_text("storage") + "tQ")), "unknown way"));
  CHECK(has(pickle_mistake(dict(pickled_text("0") + "Q")), "not of the kind"));
}

TEST_CASE("torch file: a pickle that is broken is refused, wherever it breaks", "[io]") {
  const auto dict = [](const std::string& value) { return pickled_dict({{"w", value}}); };
  for (const auto* pickle :
       {"",   ".",  "u.",         "(u.",   "R.",      "b.",    "a.",      "s.",
        "e.", "t.", "Q.",         "q",     "h\x05.",  "j\x05", "(q\x01.", "}(Nu.",
        "N.", "].", "\x80\x09}.", "\x87.", "NN\x93.", "cos",   "cos\n",   "}"}) {
    INFO(pickle);
    CHECK_FALSE(pickle_mistake(pickle).empty());
  }
  CHECK(has(pickle_mistake(dict("X" + little(0xffffffff, 4))), "ends too early"));
  CHECK(has(pickle_mistake(dict("\x8d" + little(~uint64_t{0}, 8))), "ends too early"));
  CHECK(has(pickle_mistake(dict("\x8d" + little(uint64_t{1} << 40, 8))), "ends too early"));
  CHECK(has(pickle_mistake(dict("\x8a\xff")), "too large"));
  CHECK(has(pickle_mistake(pickled_dict({})), "holds no tensors"));
  const auto w = pickled_tensor(view({4}, {1}));
  CHECK(pickle_mistake(dict(w)).empty());
  CHECK(has(pickle_mistake(pickled_dict({{"w", w}, {"w", w}})), "twice"));
}

TEST_CASE("torch file: values that contain themselves, or each other by the thousand, do no harm",
          "[io]") {
  // A dict that holds itself, and a list that does.
  const std::string own = "\x80\x02}q" + std::string(1, '\0') + "X" + little(1, 4) + "w" + "h" +
                          std::string(1, '\0') + "s.";
  CHECK(has(pickle_mistake(own), "holds no tensors itself"));
  std::string laughs = "\x80\x02]";  // each list holds the one before ten times
  for (int i = 0; i < 200; ++i) {
    laughs += "q" + std::string(1, static_cast<char>(i % 250)) + "](";
    for (int k = 0; k < 10; ++k) laughs += "h" + std::string(1, static_cast<char>(i % 250));
    laughs += "e";
  }
  CHECK(has(pickle_mistake(laughs + "."), "no dict"));
  CHECK(has(pickle_mistake(std::string(700'000, ']') + "."), "too many"));
  CHECK(has(pickle_mistake(std::string(700'000, '(') + "."), "too many"));
  std::string puts = "}";
  for (uint32_t i = 0; i < 600'000; ++i) puts += "r" + little(i, 4);
  CHECK(has(pickle_mistake(puts + "."), "too many"));
}

TEST_CASE("torch file: a tensor may not leave its values, nor repeat them", "[io]") {
  const auto said = [](const PickledView& v) {
    return pickle_mistake(pickled_dict({{"w", pickled_tensor(v)}}));
  };
  const int64_t big = int64_t{1} << 40, top = std::numeric_limits<int64_t>::max();
  CHECK(said(view({2, 2}, {2, 1})).empty());
  CHECK(said(view({2, 2}, {1, 2})).empty());
  CHECK(said(view({2}, {1}, 2)).empty());
  CHECK(said(view({}, {}, 3)).empty());
  CHECK(said(view({1, 4}, {top, 1})).empty());  // the stride of one row is of no meaning
  for (const auto& v :
       {view({5}, {1}), view({4}, {1}, 1), view({2}, {4}), view({2, 2}, {3, 1}), view({}, {}, 4),
        view({big}, {1}), view({2}, {big}), view({2}, {top}), view({3}, {top}), view({4}, {1}, big),
        view({4}, {1}, top), view({top}, {1}), view({2, 2}, {top, top})}) {
    CHECK(has(said(v), "\"w\" lies outside its values"));
  }
  CHECK(has(said(view({3, 4}, {0, 1})), "repeats"));
  CHECK(has(said(view({big}, {0})), "repeats"));
  CHECK(has(mistake(golden("expanded.bin")), "repeats"));
  CHECK(has(said(view({big, big}, {0, 0})), "impossible shape"));
  CHECK(has(said(view({0, big, big, big}, {1, 1, 1, 1})), "impossible shape"));
  CHECK(has(said(view({-1}, {1})), "impossible shape"));
  CHECK(has(said(view({2}, {-1}, 1)), "impossible shape"));
  CHECK(has(said(view({4}, {1}, -1)), "impossible shape"));
  CHECK(has(said(view({2, 2}, {1})), "impossible shape"));
  CHECK(has(said(view({4}, {1}, 0, 5)), "fewer values"));
  CHECK(has(said(view({4}, {1}, 0, big)), "fewer values"));
  CHECK(has(said(view({4}, {1}, 0, -1)), "unknown way"));
  auto other = view({4}, {1});
  other.key = "../0";
  CHECK(has(said(other), "no values in the file"));
  other.key = "0";
  other.type = "DoubleStorage";
  CHECK(has(said(other), "fewer values"));
  other.type = "ComplexFloatStorage";
  CHECK(has(said(other), "torch.ComplexFloatStorage"));
}

TEST_CASE("torch file: cut or changed anywhere, it is read or refused, within little memory",
          "[io]") {
  const auto whole = content(golden("state.bin"));
  REQUIRE(whole.size() > 3000);
  [[maybe_unused]] const auto before = peak_mib();
  for (size_t size = 0; size < whole.size(); size += 3) {
    CHECK_FALSE(mistake(whole.substr(0, size)).empty());
  }
  const auto pickle = whole.find("ccollections");
  for (size_t at = 0; at < whole.size(); ++at) {
    // Every byte of the pickle and of the list at the end; of the values, some.
    const bool dense = (at >= pickle - 80 && at < pickle + 1041) || at + 1200 > whole.size();
    if (!dense && at % 16 != 0) continue;
    auto changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ static_cast<char>(1 << (at % 8)));
    const TempFile temp(changed);
    try {
      const InputFile file(temp.path);
      for (const auto& t : read_torch_index(file)) CHECK(t.offset + t.bytes <= file.size());
    } catch (const UserError& e) {
      CHECK(e.code() == Exit::data);
    }
  }
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // they keep what is freed
  CHECK(peak_mib() - before < 64);
#endif
}

TEST_CASE("torch file: files of other kinds get a sentence that helps", "[io]") {
  CHECK(has(mistake(golden("legacy.bin")), "before 1.6"));
  CHECK(has(mistake(golden("nested.bin")), "a dict \"model\""));
  CHECK(has(mistake(golden("module.bin")), "torch.nn.modules.linear.Linear"));
  CHECK(has(mistake(stored_zip({{"m/x", "y"}})), "none that torch.save wrote"));
  CHECK(has(mistake(stored_zip({{"data.pkl", "y"}})), "none that torch.save wrote"));
  CHECK(has(mistake(stored_zip({{"a/data.pkl", "."}, {"b/data.pkl", "."}})), "two pickles"));
  const auto pickle = pickled_dict({{"w", pickled_tensor(view({4}, {1}))}});
  CHECK(has(
      mistake(stored_zip(
          {{"m/data.pkl", pickle}, {"m/byteorder", "big"}, {"m/data/0", std::string(16, '\0')}})),
      "little-endian"));
  CHECK(has(mistake(pickle), "no whole zip"));
}
