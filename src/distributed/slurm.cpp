#include "distributed/slurm.h"

#include "core/text.h"

namespace kuchi::distributed {
namespace {

/// What a job may be called; the rest of a folder's name could end the line or the comment.
std::string job_name(const std::string& name) {
  std::string out;
  for (const char c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    out += plain || c == '.' || c == '-' || c == '_' ? c : '_';
  }
  return out.empty() ? "kuchi" : out;
}

}  // namespace

std::string shell_word(const std::string& word) {
  const bool plain =
      !word.empty() && word.find_first_not_of(
                           "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                           "_-./=:,+@%") == std::string::npos;
  if (plain) return word;
  std::string out = "'";
  for (const char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

namespace {

std::string shell_line(const std::vector<std::string>& command) {
  std::vector<std::string> words;
  for (const auto& word : command) words.push_back(shell_word(word));
  return join(words, " ");
}

constexpr const char* kHead =
    "#!/bin/bash\n"
    "# Submit with sbatch; the run folder and the data must be on a file system that all machines\n"
    "# see. Set partition, time and memory as the cluster wants them.\n"
    "#SBATCH --job-name=";

}  // namespace

std::string slurm_array_script(const std::vector<std::string>& command, int64_t tasks,
                               int64_t at_once, bool gpus, const std::string& name) {
  std::string out = cat(kHead, job_name(name), "\n#SBATCH --array=1-", tasks, "%", at_once,
                        "\n#SBATCH --cpus-per-task=4\n");
  if (gpus) out += "#SBATCH --gpus-per-task=1\n";
  out += cat(
      "#SBATCH --time=24:00:00\n"
      "# Two minutes before the time is up a training saves and stops; the same script, submitted\n"
      "# again, goes on.\n"
      "#SBATCH --signal=TERM@120\n"
      "exec ",
      shell_line(command), " --trial \"$SLURM_ARRAY_TASK_ID\"\n");
  return out;
}

std::string slurm_script(const std::vector<std::string>& command, int processes, bool gpus,
                         const std::string& name) {
  std::string out =
      cat(kHead, job_name(name), "\n#SBATCH --ntasks=", processes, "\n#SBATCH --cpus-per-task=4\n");
  if (gpus) out += "#SBATCH --gpus-per-task=1\n#SBATCH --gpu-bind=none\n";
  out += cat(
      "#SBATCH --time=24:00:00\n"
      "# Two minutes before the time is up the training saves and stops; kuchi resume goes on.\n"
      "#SBATCH --signal=TERM@120\n"
      "set -euo pipefail\n"
      "MASTER_ADDR=$(scontrol show hostnames \"$SLURM_JOB_NODELIST\" | head -n 1)\n"
      "MASTER_PORT=$((20000 + SLURM_JOB_ID % 20000))\n"
      "export MASTER_ADDR MASTER_PORT\n"
      "exec srun --kill-on-bad-exit=1 --export=ALL ",
      shell_line(command), "\n");
  return out;
}

}  // namespace kuchi::distributed
