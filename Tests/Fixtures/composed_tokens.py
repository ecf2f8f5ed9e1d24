"""Makes a byte-level tokenizer that composes characters first, and what Hugging Face's tokenizers says of texts.

    python3 Tests/Fixtures/composed_tokens.py [COUNT]

Written by tokenizers 0.23. Texts are short runs of what normal form C changes, and of what it does not: letters with marks in
any order, jamo, compatibility ideographs, excluded compositions, singletons; special tokens stand between them.
"""
import json
import pathlib
import random
import sys

from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers

folder = pathlib.Path(__file__).parent
alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
merges = [line.split()[1:] for line in (folder / "tiny-bpe.txt").read_text().splitlines() if line.startswith("merge ")]
vocabulary = {character: index for index, character in enumerate(alphabet)}
for pair in merges + [["Ã", "©"], ["Ì", "ģ"], ["e", "Ì"]]:
    vocabulary.setdefault("".join(pair), len(vocabulary))
merges = [tuple(pair) for pair in merges + [["Ã", "©"], ["Ì", "ģ"], ["e", "Ì"]]]
tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=merges))
tokenizer.normalizer = normalizers.NFC()
QWEN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")
tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
    [pre_tokenizers.Split(Regex(QWEN), behavior="isolated"),
     pre_tokenizers.ByteLevel(add_prefix_space=False, trim_offsets=False, use_regex=False)])
tokenizer.add_special_tokens([AddedToken("<|im_end|>", normalized=False, special=True)])
tokenizer.add_tokens([AddedToken("<tool>", normalized=False), AddedToken("caf\u00e9", normalized=True)])
(folder / "composed-tokenizer.json").write_text(json.dumps(json.loads(tokenizer.to_str()), ensure_ascii=True))

chance = random.Random(5)
PARTS = (
    [chr(code) for code in range(0x300, 0x370)] + list("aeiouAEIOUncsz ") * 6
    + [chr(code) for code in (*range(0x1100, 0x1113), *range(0x1161, 0x1176), *range(0x11A8, 0x11C3), 0xAC00, 0xAC1C)]
    + [chr(code) for code in range(0xF900, 0xFA30, 7)] + [chr(code) for code in range(0x1E00, 0x1F00, 5)]
    + [chr(code) for code in (
        0x212B, 0x2126, 0x0958, 0x0959, 0x09DC, 0x0A33, 0x0F43, 0xFB1D, 0xFB2A, 0x2ADC, 0x1D15E, 0x1D1BB, 0x0344, 0x0340,
        0x0374, 0x037E, 0x0387, 0x1FEF, 0x2000, 0x2001, 0x2329, 0x0DDC, 0x0CCA, 0x0BCA, 0x3099, 0x304B, 0x30AB, 0x1F600,
        0x200D, 0x0915, 0x093C, 0x05D9, 0x05B4)]
    + ["<|im_end|>", "<tool>", "caf\u00e9", "cafe\u0301", "12", "\n", "'s"] * 3)
lines = ["# Tokens of texts by tokenizers, from composed_tokens.py: text with scalars outside printable ASCII as \\u{…}, tab, tokens."]
for _ in range(int(sys.argv[1]) if len(sys.argv) > 1 else 400):
    text = "".join(chance.choice(PARTS) for _ in range(chance.randrange(1, 9)))
    escaped = "".join(c if 32 <= ord(c) < 127 and c != "\\" else f"\\u{{{ord(c):x}}}" for c in text)
    lines.append(escaped + "\t" + " ".join(map(str, tokenizer.encode(text).ids)))
out = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else folder / "composed-cases.txt"
out.write_text("\n".join(lines) + "\n")
