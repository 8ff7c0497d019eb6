"""Writes tests/golden/torch/*.bin: state dicts as torch.save writes them, for tests/io/torch_file_test.cpp.

Made with PyTorch 2.11.0, Python 3.11: python tests/golden/make_torch_pickle.py
The values are formulas that the test knows; the files are PyTorch's own.
"""

import collections
import pathlib

import torch

OUT = pathlib.Path(__file__).parent / "torch"


def state_dict():
    base = torch.arange(24, dtype=torch.float32).reshape(4, 6)
    state = collections.OrderedDict()
    state["plain"] = base.clone()
    state["half"] = torch.arange(5, dtype=torch.float16) / 4
    state["brain"] = torch.arange(5, dtype=torch.bfloat16) / 4
    state["double"] = torch.arange(3, dtype=torch.float64) / 3
    state["count"] = torch.tensor(7, dtype=torch.int64)
    state["transposed"] = base.t()  # [6, 4], strides [1, 6]
    state["slice"] = base[1:3, 2:5]  # offset 8, strides [6, 1]
    state["whole"] = base  # the same storage as the two above
    state["parameter"] = torch.nn.Parameter(torch.full((2, 1, 3), -1.5))
    state["empty"] = torch.zeros(0, 3)
    state["epoch"] = 3
    state["rate"] = 0.25
    state["big"] = 1 << 40
    state["minus"] = -5
    state["note"] = "text"
    state["flags"] = [True, False, None, (1, 2, 3, 4)]
    state._metadata = {"": {"version": 1}}
    return state


class Evil:
    def __reduce__(self):
        import os

        return os.system, ("touch kuchi_was_run",)


def main():
    OUT.mkdir(exist_ok=True)
    torch.save(state_dict(), OUT / "state.bin")
    torch.save(state_dict(), OUT / "protocol4.bin", pickle_protocol=4)
    torch.save(dict(state_dict()), OUT / "dict.bin")
    torch.save({"model": state_dict(), "step": 1}, OUT / "nested.bin")
    torch.save({"w": torch.ones(2)}, OUT / "legacy.bin", _use_new_zipfile_serialization=False)
    torch.save({"w": torch.ones(2), "x": Evil()}, OUT / "os_system.bin")
    torch.save({"w": torch.ones(2), "x": Evil()}, OUT / "os_system4.bin", pickle_protocol=4)
    torch.save({"w": torch.ones(3).expand(4, 3)}, OUT / "expanded.bin")
    torch.save(torch.nn.Linear(2, 3), OUT / "module.bin")


if __name__ == "__main__":
    main()
