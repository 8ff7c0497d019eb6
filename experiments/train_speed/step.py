"""Times a training step of the reference BiLSTM: PyTorch beside `kuchi bench step`.

A reference for measuring, no part of the product. Needs torch (measured with 2.11).

  step.py --kuchi PROGRAM [--rounds 3] [--steps 7] [--fp32-only]

Ours and PyTorch's take turns, round after round, in processes of their own; the table has the
median over rounds of each one's median over steps, so that a busy minute hits both.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time

CASES = [(16, 200), (64, 100), (1, 200)]  # batch, frames
# encoders::mixed_lengths() at 30 fps: what `kuchi bench step --mixed` takes.
MIXED = [174, 94, 287, 375, 360, 203, 126, 100, 106, 286, 372, 275, 275, 167, 205, 66]


def time_steps(lengths, steps, precision, one_at_a_time):
    """Median ms of a step; of all clips one after another where one_at_a_time."""
    import torch
    from torch import nn

    torch.manual_seed(0)

    class Reference(nn.Module):
        def __init__(self):
            super().__init__()
            layers, width = [], 768
            for n in (512, 384):
                layers += [nn.Linear(width, n), nn.LayerNorm(n), nn.ReLU(), nn.Dropout(0.1)]
                width = n
            self.projection = nn.Sequential(*layers)
            self.lstm = nn.LSTM(width, 512, 3, batch_first=True, bidirectional=True, dropout=0.1)
            layers, width = [], 1024
            for n in (256, 128):
                layers += [nn.Linear(width, n), nn.ReLU(), nn.Dropout(0.1)]
                width = n
            self.output = nn.Sequential(*layers, nn.Linear(width, 52))

        def forward(self, x, lengths):
            x = self.projection(x)
            if len(set(lengths)) == 1:
                x = self.lstm(x)[0]
            else:
                packed = nn.utils.rnn.pack_padded_sequence(
                    x, torch.tensor(lengths), batch_first=True, enforce_sorted=False)
                x = nn.utils.rnn.pad_packed_sequence(
                    self.lstm(packed)[0], batch_first=True, total_length=x.size(1))[0]
            return torch.sigmoid(self.output(x))

    model = Reference()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.01, fused=True)

    def batch(some):
        x, y = torch.randn(len(some), max(some), 768), torch.rand(len(some), max(some), 52)
        valid = torch.arange(max(some))[None] < torch.tensor(some)[:, None]
        return x, y, valid[..., None], some

    batches = [batch([n]) for n in lengths] if one_at_a_time else [batch(lengths)]

    def step():
        for x, y, valid, some in batches:
            optimizer.zero_grad(set_to_none=True)
            with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bf16"):
                out = model(x, some).float()
            loss = ((out - y).square() * valid).sum() / (valid.sum() * 52)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()

    step()
    times = []
    for _ in range(steps):
        start = time.perf_counter()
        step()
        times.append(1e3 * (time.perf_counter() - start))
    return statistics.median(times)


def own_process(*arguments):
    out = subprocess.run([sys.executable, __file__, "--one", json.dumps(arguments)],
                         check=True, capture_output=True, text=True).stdout
    return float(out)


def kuchi_step(program, steps, *arguments):
    out = subprocess.run([program, "-q", "bench", "step", "--steps", str(steps), "--json", "-",
                          *arguments], check=True, capture_output=True, text=True).stdout
    return json.loads(out)["step"]


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kuchi")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=7)
    parser.add_argument("--fp32-only", action="store_true",
                        help="no bf16 autocast, which takes minutes a step where the processor has no bf16")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.one:
        print(time_steps(*json.loads(args.one)))
        return
    results = {}
    for _ in range(args.rounds):
        for size in CASES:
            name = f"{size[0]} x {size[1]}"
            row = results.setdefault(name, {"kuchi": [], "share": [], "torch": [], "autocast": []})
            ours = kuchi_step(args.kuchi, args.steps, "--batch", str(size[0]), "--frames", str(size[1]))
            row["kuchi"].append(ours["median_ms"])
            row["share"].append(ours["share_of_peak"])
            lengths = [size[1]] * size[0]
            row["torch"].append(own_process(lengths, args.steps, "fp32", False))
            if not args.fp32_only:
                row["autocast"].append(own_process(lengths, args.steps, "bf16", False))
        row = results.setdefault("16 clips, 2-15 s", {"kuchi": [], "share": [], "torch": [], "autocast": []})
        ours = kuchi_step(args.kuchi, args.steps, "--mixed")
        row["kuchi"].append(ours["median_ms"])
        row["share"].append(ours["share_of_peak"])
        row["torch"].append(own_process(MIXED, args.steps, "fp32", False))
        row["autocast"].append(own_process(MIXED, max(1, args.steps // 3), "fp32", True))
    print("| case | Kuchi, ms | of the GEMM peak | PyTorch, ms | ratio | PyTorch bf16 autocast, ms |")
    print("|---|---|---|---|---|---|")
    for name, row in results.items():
        mid = {key: statistics.median(values) if values else float("nan") for key, values in row.items()}
        last = f"{mid['autocast']:.0f}" + (" (fp32, a clip a step)" if "clips" in name else "")
        print(f"| {name} | {mid['kuchi']:.0f} | {100 * mid['share']:.0f} % | {mid['torch']:.0f} | "
              f"{mid['torch'] / mid['kuchi']:.2f} | {last} |")


if __name__ == "__main__":
    main()
