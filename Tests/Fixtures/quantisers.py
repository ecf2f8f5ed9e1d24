"""Rows as other programs quantise them: ggml's Python package, PyTorch's conversions and NumPy, on rows that are hostile.

Those of scales that are powers of two are also computed from the rules in exact integers, as no library has all of them.

Writes quantisers.txt beside this file, a row a line: who, the scheme and rule (of nvfp4 then the tensor's scale), the least greatest magnitude,
the row, the numbers, the scale.

    pip install gguf torch numpy
    python quantisers.py
"""
import pathlib
from fractions import Fraction

import gguf
import numpy as np
import torch

f32 = np.float32


def rows():
    generator = np.random.default_rng(7)
    gaussian = generator.standard_normal(32).astype(f32)
    yield gaussian
    yield gaussian * f32(2.0**-20)
    yield gaussian * f32(2.0**100)
    # Ties, next to them, and half of the greatest.
    ties = generator.integers(-253, 253, 32).astype(f32) / 2
    ties[5] = 127
    yield ties
    yield np.nextafter(ties, f32(np.inf) * np.where(generator.random(32) < 0.5, 1, -1).astype(f32)).clip(-127, 127)
    halves = np.where(generator.random(32) < 0.5, gaussian[0] / 2, -gaussian[0] / 2).astype(f32)
    halves[9] = gaussian[0]
    yield halves
    # One great number beside small ones, both signs of the greatest, zeros.
    yield np.concatenate([[f32(1e6)], gaussian[1:]]).astype(f32)
    yield np.concatenate([[f32(3.7), f32(-3.7)], gaussian[2:] / 4]).astype(f32)
    yield np.zeros(32, f32)
    # A scale that is subnormal in binary16, and one that it has only 0 for.
    yield gaussian * f32(1e-4)
    yield gaussian * f32(1e-7)
    # Points of E4M3 and E5M2 and halfway between them, with a scale of 1/8.
    bits = torch.arange(0, 127, dtype=torch.uint8)
    points = bits.view(torch.float8_e4m3fn).float().numpy()
    between = (points[:-1] + points[1:]) / 2
    for part in (generator.choice(points, 31), generator.choice(between, 31)):
        yield np.concatenate([[f32(448)], part]).astype(f32) / 8


def ggml(row):
    block = gguf.quants.quantize(row[None, :], gguf.GGMLQuantizationType.Q8_0)[0]
    return block[2:].view(np.int8).astype(f32), f32(block[:2].view(np.float16)[0])


def torch_int8(row):
    x = torch.from_numpy(row)
    scale = x.abs().amax() / 127
    numbers = torch.zeros_like(x) if scale == 0 else (x / scale).round().clamp(-128, 127)
    return numbers.to(torch.int8).float().numpy(), f32(scale)


def numpy_int8(row):
    greatest = np.abs(row).max()
    if greatest == 0:
        return np.zeros_like(row), f32(0)
    return np.rint(row * (f32(127) / greatest)).astype(np.int8).astype(f32), greatest * (f32(1) / f32(127))


def torch_float(kind, least):
    greatest = torch.finfo(kind).max

    def quantised(row):
        x = torch.from_numpy(row)
        scale = x.abs().amax().clamp(min=least) / greatest
        if scale == 0:
            return np.zeros_like(row), f32(0)
        return (x * (1 / scale)).clamp(-greatest, greatest).to(kind).float().numpy(), f32(scale)

    return quantised


def ggml_mxfp4(row):
    """E8M0 with a half, for numbers that are stored doubled."""
    block = gguf.quants.quantize(row[None, :], gguf.GGMLQuantizationType.MXFP4)[0]
    codes = np.concatenate([block[1:] & 15, block[1:] >> 4])
    return np.array(gguf.quants.MXFP4.kvalues, f32)[codes] / 2, f32(2.0 ** (int(block[0]) - 127))


def ggml_q8_k(row):
    """quantize_row_q8_K_ref of ggml, line by line in Float32."""
    place = np.abs(row).argmax()
    if row[place] == 0:
        return np.zeros_like(row), f32(0)
    inverse = f32(-127) / row[place]
    return np.minimum(np.rint(inverse * row), f32(127)), f32(1) / inverse


GRIDS = {"mxfp4": (6, 1, -1), "mxfp8": (448, 3, -9), "mxfp8-e5m2": (57344, 2, -16)}


def least(holds):
    return next(exponent for exponent in range(-200, 200) if holds(Fraction(2) ** exponent))


def exact_power(scheme, rule):
    """A scale by its rule and numbers to the nearest, of two the even one, in rational numbers."""
    greatest, bits, bottom = GRIDS[scheme]
    unit = 2 ** (greatest.bit_length() - 1)

    def quantised(row):
        a = max(abs(Fraction(float(x))) for x in row)
        exponent = {
            "floor": lambda: least(lambda s: a < 2 * unit * s),
            "ceil": lambda: least(lambda s: a <= greatest * s),
            "round": lambda: least(lambda s: a * a < 2 * (greatest * s) ** 2),
            "ggml-cuda": lambda: least(lambda s: a * a < 2 * (unit * s) ** 2),
        }[rule]() if a else -127
        scale = Fraction(2) ** min(max(exponent, -127), 127)
        numbers = []
        for x in row:
            ratio = Fraction(float(x)) / scale
            top = least(lambda s: abs(ratio) < s) - 1 if ratio else bottom
            spacing = Fraction(2) ** max(top - bits, bottom)
            numbers.append(max(-greatest, min(greatest, round(ratio / spacing) * spacing)))
        return np.array([float(n) for n in numbers], f32), f32(float(scale))

    return quantised


def edges(scheme):
    """Rows whose greatest magnitude is where an exponent changes, or next to it."""
    generator = np.random.default_rng(9)
    greatest = GRIDS[scheme][0]
    unit = 2 ** (greatest.bit_length() - 1)
    for edge in (greatest, unit, greatest * 2**0.5, unit * 2**0.5):
        for size in (1, 2.0**-60, 2.0**-134, 2.0**80):
            for a in (np.nextafter(f32(edge), f32(0)), f32(edge), np.nextafter(f32(edge), f32(np.inf))):
                row = generator.uniform(-1, 1, 8).astype(f32) * a
                row[3] = -a
                yield row * f32(size)


E2M1 = np.array([0, 0.5, 1, 1.5, 2, 3, 4, 6], f32)


def vllm_nvfp4(g):
    """cvt_warp_fp16_to_fp4 of vLLM in Float32, with reciprocals that are rounded correctly; of two codes the even one."""

    def quantised(row):
        product = torch.from_numpy(np.minimum(g * (np.abs(row).max(keepdims=True) * (f32(1) / f32(6))), f32(448)))
        scale = product.to(torch.float8_e4m3fn).float().numpy()[0]
        if scale == 0:
            return np.zeros_like(row), scale
        ratio = row * (f32(1) / (scale * (f32(1) / g)))
        # Differences are exact in Float64, and of two codes that are as near the even one is less.
        codes = [min(range(8), key=lambda code: (abs(float(number) - float(E2M1[code])), code % 2)) for number in np.abs(ratio)]
        return np.copysign(E2M1[codes], row), scale

    return quantised


def nearest(x, bits, bottom, greatest):
    top = least(lambda s: abs(x) < s) - 1 if x else bottom
    spacing = Fraction(2) ** max(top - bits, bottom)
    return max(-greatest, min(greatest, round(x / spacing) * spacing))


def exact_nvfp4(g):
    """Both roundings to the nearest, of two the even one, in rational numbers."""

    def quantised(row):
        a, g_ = max(abs(Fraction(float(x))) for x in row), Fraction(float(g))
        scale = nearest(g_ * a / 6, 3, -9, 448)
        numbers = [nearest(Fraction(float(x)) * g_ / scale, 1, -1, 6) if scale else Fraction(0) for x in row]
        return np.array([float(n) for n in numbers], f32), f32(float(scale))

    return quantised


def nvfp4_edges(g):
    """Rows whose scale is halfway between two numbers of E4M3, or next to that, and one beyond both ends."""
    generator = np.random.default_rng(11)
    bits = torch.arange(0, 127, dtype=torch.uint8)
    points = bits.view(torch.float8_e4m3fn).float().numpy()
    middles = (points[:-1] + points[1:])[[0, 1, 5, 8, 9, 40, 63, 77, 100, 125]] / 2
    for middle in [*middles, f32(500), f32(2.0**-11)]:
        edge = f32(6) * middle / g
        for a in (np.nextafter(edge, f32(0)), edge, np.nextafter(edge, f32(np.inf))):
            row = generator.uniform(-1, 1, 16).astype(f32) * a
            row[5] = -a
            yield row


def text(number):
    """The shortest of decimal and hexadecimal."""
    if not np.isfinite(number):
        return repr(float(number))
    sign_and_digits, exponent = float(number).hex().split("p")
    return min(f"{float(number)!r}", f"{sign_and_digits.rstrip('0').rstrip('.')}p{exponent}", key=len)


QUANTISERS = [
    ("gguf", "q8_0", 0, ggml), ("torch", "int8", 0, torch_int8), ("numpy", "int8", 0, numpy_int8),
    ("torch", "fp8", 0, torch_float(torch.float8_e4m3fn, 0)), ("torch", "fp8", 1e-4, torch_float(torch.float8_e4m3fn, 1e-4)),
    ("torch", "fp8-e5m2", 0, torch_float(torch.float8_e5m2, 0)),
    ("gguf", "mxfp4,floor", 0, ggml_mxfp4), ("numpy", "q8_k", 0, ggml_q8_k),
]
RULES = [(scheme, rule) for scheme in GRIDS for rule in ("floor", "ceil", "round", "ggml-cuda")]


def main():
    lines = []

    def add(who, scheme, least, rows, quantise):
        for row in rows:
            with np.errstate(all="ignore"):
                numbers, scale = quantise(row.copy())
            words = [",".join(map(text, array)) for array in (row, numbers, [scale])]
            lines.append(" ".join([who, scheme, text(f32(least)), *words]))

    for who, scheme, least, quantise in QUANTISERS:
        add(who, scheme, least, rows(), quantise)
    for scheme, rule in RULES:
        add("exact", f"{scheme},{rule}", 0, list(rows())[::3] + list(edges(scheme)), exact_power(scheme, rule))
    for g in (f32(1), f32(896), f32(0.013)):
        for who, quantise in (("numpy", vllm_nvfp4(g)), ("exact", exact_nvfp4(g))):
            add(who, f"nvfp4,floor,{text(g)}", 0, list(rows())[::4] + list(nvfp4_edges(g)), quantise)
    pathlib.Path(__file__).with_suffix(".txt").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
