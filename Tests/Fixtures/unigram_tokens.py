"""Makes small unigram tokenizers, and what Hugging Face's tokenizers says of texts.

    python3 Tests/Fixtures/unigram_tokens.py [COUNT [CASES]]

Written by tokenizers 0.23; sentencepiece 0.2 makes the map of characters, of the rules below, in a folder that goes away. One
tokenizer is as XLM-RoBERTa's folders have it, the other as the older ones.
"""
import base64
import json
import pathlib
import random
import sys
import tempfile

import sentencepiece
from sentencepiece import sentencepiece_model_pb2 as protobuf
from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

folder = pathlib.Path(__file__).parent
RULES = {"\u00a0": " ", "\u3000": " ", "\t": " ", "\n": " ", "\u200b": "", "ﬁ": "fi", "Ａ": "A", "Ⅳ": "IV", "e\u0301": "é", "①": "1", "½": "1/2",
         "か\u3099": "が", "ﾊﾟ": "パ", "\u0344": "\u0308\u0301", "㍿": "株式会社", "＜": "<", "＞": ">"}
with tempfile.TemporaryDirectory() as place:
    rules = pathlib.Path(place) / "rules.tsv"
    rules.write_text("".join("{}\t{}\n".format(" ".join(f"{ord(c):X}" for c in a), " ".join(f"{ord(c):X}" for c in b))
                             for a, b in RULES.items()))
    text = pathlib.Path(place) / "text.txt"
    text.write_text("a b c d e f g\n" * 50)
    sentencepiece.SentencePieceTrainer.train(input=str(text), model_prefix=f"{place}/m", vocab_size=12, hard_vocab_limit=False,
        normalization_rule_tsv=str(rules), minloglevel=2)
    model = protobuf.ModelProto()
    model.ParseFromString(pathlib.Path(f"{place}/m.model").read_bytes())
    charsmap = model.normalizer_spec.precompiled_charsmap

chance = random.Random(3)
WORDS = ["▁the", "▁server", "▁room", "▁", "▁h", "um", "hum", "ing", "s", "▁un", "able", "aff", "▁a", "▁IV", "fi", "▁fi", "é", "caf", "が", "パ", "株式", "会社",
         "▁1", "1/2", "▁中", "文", "中文", "한", "!", ",", "▁.", "\U0001f600", "\u0308", "aa", "aaa", "e\u0301"]
LETTERS = list("abcdefhimnorstuvx1/2AIV")
PIECES = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0)] + [
    (piece, -round(chance.uniform(2, 9), 3)) for piece in WORDS + [c for c in LETTERS if c not in WORDS]]
SPECIAL = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]


def make(isOld):
    tokenizer = Tokenizer(models.Unigram(PIECES, unk_id=3, byte_fallback=False))
    steps = [normalizers.Precompiled(charsmap)] + ([] if isOld else [normalizers.Replace(Regex(" {2,}"), " ")])
    tokenizer.normalizer = normalizers.Sequence(steps)
    mark = pre_tokenizers.Metaspace(prepend_scheme="always" if isOld else "first")
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), mark]) if isOld else mark
    tokenizer.add_special_tokens([
        AddedToken(text, normalized=text == "<mask>" and isOld, special=True, lstrip=text == "<mask>") for text in SPECIAL])
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)])
    return tokenizer


def escaped(text):
    return "".join(c if 32 <= ord(c) < 127 and c != "\\" else f"\\u{{{ord(c):x}}}" for c in text)


tokenizers = [make(True), make(False)]
for tokenizer, name in zip(tokenizers, ["unigram-old-tokenizer.json", "unigram-tokenizer.json"]):
    (folder / name).write_text(json.dumps(json.loads(tokenizer.to_str()), ensure_ascii=True))
PARTS = (list(RULES) + LETTERS + [word.replace("▁", " ") for word in WORDS] * 2 + [" "] * 20 + ["  ", "   ", "▁", "zq", "Ω", "\u0301", "\r\n", "\u2028"]
         + SPECIAL * 2 + [" the server room", "unaffable", "＜mask＞", "aaaaaaa"] * 3)
lines = ["# Tokens of texts by tokenizers, from unigram_tokens.py: text with scalars outside printable ASCII as \\u{…}, tab, tokens of the "
         "older tokenizer, tab, of the other."]
for _ in range(int(sys.argv[1]) if len(sys.argv) > 1 else 320):
    text = "".join(chance.choice(PARTS) for _ in range(chance.randrange(1, 12)))
    lines.append("\t".join(["|" + escaped(text)] + [" ".join(map(str, t.encode(text).ids)) for t in tokenizers]))
out = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else folder / "unigram-cases.txt"
out.write_text("\n".join(lines) + "\n")
