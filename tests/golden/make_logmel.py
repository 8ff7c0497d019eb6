"""Golden log-mel values from the written definition, for tests/features.

    python3 tests/golden/make_logmel.py [SHARED_DATA]

Writes beside itself, as raw little-endian float32:
  logmel_formula.f32       [51, 80]   log-mel of the formula signal below
  logmel_formula_30.f32    [15, 240]  the same at 30 fps, stack 3
  logmel_formula_5994.f32  [30, 80]   the same at 59.94 fps, stack 1
  logmel_real.f32          [40, 80]   frames 1000 ... 1039 of facegood 1114_2_01.wav (with SHARED_DATA)

Made with Python 3.11, NumPy 2.4.6, SciPy 1.17.1; tests compare to 1e-4. The definition is computed
twice, by NumPy frame by frame with a direct Fourier sum and by scipy.signal.stft, and the two must
agree to 1e-9 before anything is written.
"""
import sys
from pathlib import Path

import numpy as np
import scipy.io.wavfile
import scipy.signal

RATE, HOP, WINDOW, FFT, MELS = 16000, 160, 400, 512, 80


def formula_signal():
    """Integers only, so that every language makes the same samples: a buzz under noise, a rest."""
    n = np.arange(8123, dtype=np.int64)
    noise = (n * n * 7 + n * 31) % 2003 - 1001
    buzz = (n % 131 - 65) * 24
    loud = np.where((n > 3000) & (n < 4500), 0, 1)
    return ((noise * (n % 4000 > 2000) + buzz) * loud).astype(np.float64) / 4096


def filters():
    mel = lambda f: 2595 * np.log10(1 + f / 700)
    corners = 700 * (10 ** (np.linspace(mel(20), mel(8000), MELS + 2) / 2595) - 1)
    f = np.fft.rfftfreq(FFT, 1 / RATE)
    bank = np.zeros((MELS, f.size))
    for m in range(MELS):
        bank[m] = np.interp(f, corners[m : m + 3], [0, 1, 0], left=0, right=0)
    return bank


def direct(x):
    """By the definition, with a Fourier matrix instead of an FFT."""
    frames = len(x) // HOP + 1
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW)
    fourier = np.exp(-2j * np.pi * np.outer(np.arange(WINDOW), np.arange(FFT // 2 + 1)) / FFT)
    padded = np.concatenate([np.zeros(WINDOW), x, np.zeros(WINDOW)])
    out = np.empty((frames, MELS))
    for k in range(frames):
        start = k * HOP - WINDOW // 2 + WINDOW
        power = np.abs((padded[start : start + WINDOW] * window) @ fourier) ** 2
        out[k] = np.log(filters() @ power + 1e-6)
    return out


def by_stft(x):
    window = np.zeros(FFT)
    window[56:456] = scipy.signal.get_window("hann", WINDOW, fftbins=True)
    padded = np.concatenate([np.zeros(FFT // 2), x, np.zeros(FFT)])
    _, _, z = scipy.signal.stft(padded, RATE, window, FFT, FFT - HOP, boundary=None, padded=False)
    power = np.abs(z * window.sum()) ** 2
    return np.log(filters() @ power + 1e-6).T[: len(x) // HOP + 1]


def log_mel(x):
    a = direct(x)
    assert np.abs(a - by_stft(x)).max() < 1e-9
    return a


def at_frames(mel, fps, frames, stack):
    times = np.arange(frames)[:, None] / fps + 0.01 * (np.arange(stack) - (stack - 1) / 2)
    grid = np.arange(len(mel)) * HOP / RATE
    columns = [np.interp(times, grid, mel[:, d]) for d in range(MELS)]  # holds the ends
    return np.stack(columns, axis=-1).reshape(frames, stack * MELS)


def write(name, values):
    (Path(__file__).parent / name).write_bytes(values.astype("<f4").tobytes())
    print(name, values.shape)


def main():
    x = formula_signal()
    mel = log_mel(x)
    write("logmel_formula.f32", mel)
    write("logmel_formula_30.f32", at_frames(mel, 30, len(x) * 30 // RATE, 3))
    write("logmel_formula_5994.f32", at_frames(mel, 59.94, int(len(x) * 59.94 / RATE), 1))
    if len(sys.argv) > 1:
        rate, pcm = scipy.io.wavfile.read(Path(sys.argv[1]) / "facegood/wav/1114_2_01.wav")
        assert rate == RATE and pcm.dtype == np.int16 and pcm.ndim == 1
        write("logmel_real.f32", log_mel(pcm / 32768)[1000:1040])


main()
