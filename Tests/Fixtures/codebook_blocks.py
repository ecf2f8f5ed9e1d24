"""Writes codebook-blocks.txt: blocks of random bytes, and what the package gguf makes of them.

    python3 Tests/Fixtures/codebook_blocks.py > Tests/Fixtures/codebook-blocks.txt

Written by gguf 0.19. Each number is a Float32 there and a multiple of 2⁻²⁷, so that nothing was rounded.

Each type is a seed of the readers' fuzzing, too: a file of one tensor, and of NVFP4 its scale.
"""
import hashlib
import pathlib
import struct

import numpy
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType, quants

print("# Blocks of random bytes, and their elements as integers n that stand for n/2^27, as the Python package gguf 0.19 makes them.")
print("# A line: type, tab, bytes in hexadecimal, tab, elements.")


def seed(type, elements, block):
    """Puts a file of one block into the corpus of the reader of GGUF."""
    def text(word): return struct.pack("<Q", len(word)) + word.encode()
    tensors = [("x.weight", elements, type.value, block.tobytes())]
    if type.name == "NVFP4": tensors.append(("x.scale", 1, 0, struct.pack("<f", 0.3)))
    file, data = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), 0), b""
    for name, count, code, bytes in tensors:
        file += text(name) + struct.pack("<IQIQ", 1, count, code, len(data))
        data += bytes.ljust(-(-len(bytes) // 32) * 32, b"\0")
    file = file.ljust(-(-len(file) // 32) * 32, b"\0") + data
    (pathlib.Path(__file__).parents[2] / "Fuzz/gguf" / hashlib.sha1(file).hexdigest()).write_bytes(file)


generator = numpy.random.default_rng(16)
for name in "IQ2_XXS IQ2_XS IQ3_XXS IQ1_S IQ3_S IQ2_S IQ1_M TQ1_0 TQ2_0 NVFP4".split():
    type = GGMLQuantizationType[name]
    elements, size = GGML_QUANT_SIZES[type]
    for index in range(4):
        block = generator.integers(0, 256, size, dtype=numpy.uint8)
        # The scale is a number of either sign; of IQ1_M it stands in the upper nibbles of four words.
        sign = 0x80 * (index % 2)
        if name == "IQ1_M": block[55] = block[55] & 0x0f | sign | 0x20
        elif name != "NVFP4": block[-1 if name.startswith("TQ") else 1] = sign | 0x2c + index % 3
        if name == "NVFP4": block[:4] = [[0x7f, 0, 1, 0x7e], [0x80, 0xff, 0x38, 7], [8, 0x47, 0x10, 0x55], [0x29, 2, 0x6b, 0xb3]][index]
        numbers = quants.dequantize(block, type).astype(float) * 2**27
        assert (numbers == numbers.astype(numpy.int64)).all() and len(numbers) == elements
        if index == 0: seed(type, elements, block)
        print(name, block.tobytes().hex(), " ".join(str(int(number)) for number in numbers), sep="\t")
