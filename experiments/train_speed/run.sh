#!/bin/bash
# Times a training step of the reference BiLSTM, Kuchi and PyTorch in turn.
# PYTHON: one with torch; KUCHI: the program.
# Usage: run.sh [--rounds N] [--steps N] [--fp32-only]     (about 10 minutes on two fast cores, an hour on slow
# ones; nothing else should run)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
exec "${PYTHON:-python3}" "$here/step.py" --kuchi "${KUCHI:-$here/../../build/release/bin/kuchi}" "$@"
