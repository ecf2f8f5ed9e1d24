"""Makes a small WordPiece tokenizer, and what Hugging Face's tokenizers says of texts and of every character.

    python3 Tests/Fixtures/wordpiece_tokens.py [COUNT [CASES]]

Written by tokenizers 0.23. Texts are short runs of letters of the vocabulary and of what BERT's normalizer changes: accents in any
order, marks, control characters, spaces of all kinds, Chinese, Hangul, letters whose small form is longer; special tokens stand between
them, and words longer than those that are cut. Each text is taken by a tokenizer that lowers case and by one that does not.
"""
import json
import pathlib
import random
import sys
import unicodedata

from tokenizers import AddedToken, Tokenizer, models, normalizers, pre_tokenizers, processors

folder = pathlib.Path(__file__).parent
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
LETTERS = "abcdeinorstuzABCEÉéßςσİıøł한국ㄱ中文亜\u4e00\u3400\U00020000०१अकनमहा๊กา'!-.,$¿‘’。٪12"
PIECES = ["the", "##ing", "un", "##able", "##aff", "server", "room", "hum", "##s", "##e", "caf", "cafe", "CAF", "##É", "##é", "ni", "##no",
          "e\u0301", "\u00e9", "##\u0301", "\u0130", "i\u0307", "##i\u0307", "\u1112\u1161\u11ab", "\ud55c", "##\u11ab", "12", "##2", "##\u4e2d",
          "\uf900", "\u8c48"]


def escaped(text):
    return "".join(c if 32 <= ord(c) < 127 and c != "\\" else f"\\u{{{ord(c):x}}}" for c in text)


def ranges(numbers):
    runs = []
    for number in numbers:
        if runs and runs[-1][1] == number - 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return " ".join(f"{a:x}-{b:x}" for a, b in runs)


def make(lowers):
    vocabulary = {}
    for text in SPECIAL + [c for c in LETTERS] + ["##" + c for c in LETTERS if c.isalpha()] + PIECES:
        vocabulary.setdefault(text, len(vocabulary))
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]", max_input_chars_per_word=12))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=lowers)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = (processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
        if lowers else processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2)))
    tokenizer.add_special_tokens([AddedToken(text, normalized=False, special=True, lstrip=text == "[MASK]") for text in SPECIAL])
    return tokenizer


tokenizers = {True: make(True), False: make(False)}
for lowers, tokenizer in tokenizers.items():
    name = "wordpiece-tokenizer.json" if lowers else "wordpiece-cased-tokenizer.json"
    (folder / name).write_text(json.dumps(json.loads(tokenizer.to_str()), ensure_ascii=True))

clean = normalizers.BertNormalizer(clean_text=True, handle_chinese_chars=False, strip_accents=False, lowercase=False)
strip = normalizers.BertNormalizer(clean_text=False, handle_chinese_chars=False, strip_accents=True, lowercase=False)
scalars = [code for code in range(0x110000) if not 0xD800 <= code < 0xE000]
classes = {
    "dropped": [code for code in scalars if clean.normalize_str(chr(code)) == ""],
    "accents": [code for code in scalars if unicodedata.normalize("NFD", chr(code)) == chr(code) and strip.normalize_str(chr(code)) == ""],
    "punctuation": [code for code in scalars if len(pre_tokenizers.BertPreTokenizer().pre_tokenize_str(f"a{chr(code)}b")) == 3],
}
(folder / "bert-classes.txt").write_text(
    "# Characters that BERT's normalizer drops, drops as accents, and cuts words at, by tokenizers, from wordpiece_tokens.py.\n"
    + "".join(f"{name} {ranges(codes)}\n" for name, codes in classes.items()))

chance = random.Random(11)
count = int(sys.argv[1]) if len(sys.argv) > 1 else 320
ODD = ([chr(code) for code in (0, 7, 0x7F, 0x85, 0xA0, 0xAD, 0x200B, 0x200D, 0x2028, 0x3000, 0xFEFF, 0xFFFD, 0xE000, 0x378, 0x1680, 0x180E,
        0x300, 0x301, 0x308, 0x327, 0x345, 0x3099, 0x5B4, 0x64B, 0x94D, 0x1E9E, 0x1F600, 0xFB01, 0x1100, 0x1161, 0x11AB, 0xFA10, 0x2F800,
        0x2E43, 0x1D15E, 0x212B, 0x1FB3, 0x3A3, 0x10400, 0x2160, 0x24B6)] + ["\t", "\n", "\r\n", " ", "  "])
PARTS = list(LETTERS) * 2 + ODD + PIECES + [" "] * 30 + SPECIAL * 2 + [" the ", " UNAFFABLE ", " Café ", "CAFÉ", "aaaaaaaaaaaa", "aaaaaaaaaaaaa"] * 3
lines = ["# Tokens of texts by tokenizers, from wordpiece_tokens.py: text with scalars outside printable ASCII as \\u{…}, tab, tokens of the "
         "tokenizer that lowers case, tab, of the other."]
for index in range(count):
    text = "".join(chance.choice(PARTS) for _ in range(chance.randrange(1, 14)))
    if count > 1000 and index % 3 == 0:
        text = "".join(chr(chance.choice(scalars)) if chance.random() < 0.5 else chance.choice(PARTS) for _ in range(chance.randrange(1, 20)))
    lines.append("\t".join([escaped(text)] + [" ".join(map(str, t.encode(text).ids)) for t in tokenizers.values()]))
out = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else folder / "wordpiece-cases.txt"
out.write_text("\n".join(lines) + "\n")
