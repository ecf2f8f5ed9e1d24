"""Makes small tokenizers of every kind of part that can be read, and what Hugging Face's tokenizers says of texts.

    python3 Tests/Fixtures/tokenizer_kinds.py [COUNT [FOLDER]]

Written by tokenizers 0.23 on this script's own texts: a run of words of several scripts, code, numbers, white space, emoji, marks and
characters of every class that Unicode 3.2 has, with added tokens between them. With a FOLDER each tokenizer goes there as a file with its
own table of COUNT texts. Models that tokenizers.json has are kept, as training depends on the order of hashes; without the file they are
trained.
"""
import json
import pathlib
import random
import sys
import unicodedata

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

COUNT = int(sys.argv[1]) if len(sys.argv) > 1 else 24
FOLDER = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else None
HERE = pathlib.Path(__file__).parent
KEPT = json.loads((HERE / "tokenizers.json").read_text())["models"] if (HERE / "tokenizers.json").exists() else {}

POOLS = {}
for code in (*range(0x20, 0x3400), *range(0x4E00, 0x9FA0, 37), *range(0xAC00, 0xD7A4, 97), *range(0xF900, 0x10000), *range(0x1D400, 0x1D800, 3)):
    kind = unicodedata.category(chr(code))
    if kind not in ("Cn", "Cs", "Co") and unicodedata.ucd_3_2_0.category(chr(code)) == kind:
        POOLS.setdefault(kind, []).append(chr(code))
WORDS = """the a of and to in is server room hum I'm you're DON'T It's they'LL we'd 'S 's 'Re x1 foo_bar camelCase HTTPServer JSONParser print
    return self def class 12 123 1234567 3.14 0x1F 1,000,000 h\u00e9llo na\u00efve \u00dcBER stra\u00dfe \u041f\u0440\u0438\u0432\u0435\u0442 \u043c\u0438\u0440 \u0393\u03b5\u03b9\u03ac
    \u4f60\u597d\u4e16\u754c \u65e5\u672c\u8a9e \u30c6\u30b9\u30c8 \u3072\u3089\u304c\u306a \ud55c\uad6d\uc5b4 \u0645\u0631\u062d\u0628\u0627 \u05e9\u05dc\u05d5\u05dd \u0928\u092e\u0938\u094d\u0924\u0947 \u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35 Vi\u1ec7t
    \ufb01n \u00bd \u00b2 \u2163 \u2460 \u01c5 \u0130 \u0131 \u017f '\u017f \u1e9e caf\u00e9 cafe\u0301""".split()
PUNCTUATION = [*"!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", "...", "->", "==", "//", "((", "\u2026", "\u3002", "\uff0c", "\u00ab", "\u2014", "\u201c", "\u201d"]
SPACES = [" "] * 9 + ["  ", "   ", "\n", "\n\n", "\r\n", "\t", " \n", "\n ", "  \n  \n", "\u00a0", "\u3000", "\u2028", "\u200b", "\u200d",
                      "\x0b", "\x85", " " * 17, "\u2581"]
EMOJI = ["\U0001f600", "\U0001f44d\U0001f3fd", "\U0001f468\u200d\U0001f469\u200d\U0001f467", "\u2764\ufe0f"]
MARKS = ["\u0301", "\u0308", "\u0327", "\u064b", "\u0e31", "\u093e", "\u0323\u0307"]
ADDED = ["<s>", "</s>", "<|end|>", "<tool>", "[MASK]", "word", "\n\n\n", "  <pad>", "caf\u00e9"]


def texts(seed, count, added=()):
    chance = random.Random(seed)
    result = []
    for _ in range(count):
        text = ""
        for _ in range(chance.randrange(1, 11)):
            kind = chance.random()
            if kind < 0.32: text += chance.choice(WORDS)
            elif kind < 0.57: text += chance.choice(SPACES)
            elif kind < 0.67: text += chance.choice(PUNCTUATION)
            elif kind < 0.75: text += chance.choice(POOLS[chance.choice(sorted(POOLS))])
            elif kind < 0.78: text += chance.choice(EMOJI)
            elif kind < 0.82: text += chance.choice("abcXYZ") + chance.choice(MARKS)
            elif kind < 0.87: text += str(chance.randrange(10 ** chance.randrange(1, 9)))
            elif kind < 0.93 and added: text += chance.choice(added)
            else: text += chance.choice("abcdefghijABCDE") * chance.randrange(1, 9)
        result.append(text)
    return result


TRAINING = texts(1, 1500) + [" ".join(WORDS)] * 20
ALPHABET = pre_tokenizers.ByteLevel.alphabet()


def trained(name, model, trainer, pre):
    if name in KEPT: return KEPT[name]
    tokenizer = Tokenizer(model)
    tokenizer.pre_tokenizer = pre
    tokenizer.train_from_iterator(TRAINING, trainer)
    return json.loads(tokenizer.to_str())["model"]


BYTES = trained("bytes", models.BPE(), trainers.BpeTrainer(vocab_size=420, initial_alphabet=ALPHABET, show_progress=False),
                pre_tokenizers.ByteLevel(add_prefix_space=False))
BYTE_TOKENS = [f"<0x{byte:02X}>" for byte in range(256)]
MARKED = trained("marked", models.BPE(unk_token="<unk>"),
                 trainers.BpeTrainer(vocab_size=300, limit_alphabet=110, special_tokens=["<unk>"], show_progress=False), pre_tokenizers.Metaspace())
FALLBACK = json.loads(json.dumps(MARKED))
FALLBACK["vocab"] |= {token: len(MARKED["vocab"]) + place for place, token in enumerate(BYTE_TOKENS)}
FALLBACK |= {"byte_fallback": True, "fuse_unk": True}
UNIGRAM = trained("unigram", models.Unigram(), trainers.UnigramTrainer(vocab_size=1600, unk_token="<unk>", special_tokens=["<unk>"], show_progress=False),
                  pre_tokenizers.Metaspace())
UNIGRAM_BYTES = json.loads(json.dumps(UNIGRAM))
UNIGRAM_BYTES["vocab"] += [[token, -15.0] for token in BYTE_TOKENS]
UNIGRAM_BYTES["byte_fallback"] = True
PIECES = trained("pieces", models.WordPiece(unk_token="[UNK]"), trainers.WordPieceTrainer(vocab_size=300, limit_alphabet=110, special_tokens=["[UNK]"], show_progress=False),
                 pre_tokenizers.Whitespace())
MODELS = {"bytes": BYTES, "whole": BYTES | {"ignore_merges": True}, "marked": MARKED, "joined": MARKED | {"fuse_unk": True},
          "fallback": FALLBACK, "unigram": UNIGRAM, "unigram-bytes": UNIGRAM_BYTES, "pieces": PIECES}

Split, Sequence = pre_tokenizers.Split, pre_tokenizers.Sequence
BYTE_LEVEL = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
C = "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
TAIL = r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
U, L = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
UH, LH = U[:-1] + r"&&[^\p{Han}]]", L[:-1] + r"&&[^\p{Han}]]"
LEAD = r"[^\r\n\p{L}\p{N}]?"
CASED = r"| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
KANA = "[\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+"
V3 = r"""[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"""
# The expressions that models have, by the name that a GGUF file gives them.
EXPRESSIONS = {
    "llama3": [C + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}" + TAIL],
    "qwen2": [C + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}" + TAIL],
    "qwen35": [C + r"|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"],
    "gpt-4o": [f"{LEAD}{U}*{L}+{C}?|{LEAD}{U}+{L}*{C}?|" + r"\p{N}{1,3}" + CASED],
    "tekken": [f"{LEAD}{U}*{L}+|{LEAD}{U}+{L}*|" + r"\p{N}" + CASED],
    "kimi-k2": [r"[\p{Han}]+|" + f"{LEAD}{UH}*{LH}+{C}?|{LEAD}{UH}+{LH}*{C}?|" + r"\p{N}{1,3}" + TAIL],
    "deepseek-v3": [r"\p{N}{1,3}", KANA, V3],
    "deepseek-coder": [r"[\r\n]", r"\s?\p{L}+", r"\s?\p{P}+", "[\u4e00-\u9fa5\u0800-\u4e00\uac00-\ud7ff]+", r"\p{N}"],
    "tiny_aya": [r"\d{1,3}(?=(?:\d{3})*\b)", f"{LEAD}{U}*{L}+{C}?|{LEAD}{U}+{L}*{C}?|" + r"\p{N}{1,3}" + CASED],
    "superbpe": [r"\p{N}+", r"(?=(\d{3})+(?!\d))"],
    "bloom": [" ?[^(\\s|.,!?\u2026\u3002\uff0c\u3001\u0964\u06d4\u060c)]+"],
    "bailingmoe": [r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+"],
    "exaone-moe": [C + r"|[^\r\n\p{L}\p{N}]?(?:\p{L}\p{M}*(?: \p{L}\p{M}*)*)+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]?|\s*[\r\n]|\s+(?!\S)|\s+"],
    # What no model has, and the reader knows: counts that are repeated, lazy ones, word boundaries, classes in classes, atomic groups.
    "other": [r"\b(?:\w{2,3}?)+\b|[[:punct:]&&[^-]]{1,2}+|(?>\d+)\.?|\x{4f60}.|\h{2}(?=\s)|^\s+|\S$"],
}


def tokenizer(model, pre, normalizer=None, added=(), post=None):
    result = Tokenizer.from_str(json.dumps({"version": "1.0", "added_tokens": [], "model": MODELS[model]}))
    if pre: result.pre_tokenizer = pre
    if normalizer: result.normalizer = normalizer
    result.add_tokens(list(added))
    if post: result.post_processor = post
    # Each token as its bytes: with marks for spaces, or in the alphabet of bytes.
    if model in ("bytes", "whole"): result.decoder = decoders.ByteLevel()
    elif model != "pieces": result.decoder = decoders.Sequence([decoders.Replace("\u2581", " "), decoders.ByteFallback(), decoders.Fuse()])
    return result, model


def expressions(patterns):
    return Sequence([Split(Regex(pattern), "isolated") for pattern in patterns] + [BYTE_LEVEL])


MARK = normalizers.Replace(" ", "\u2581")
LEGACY = normalizers.Sequence([normalizers.Prepend("\u2581"), MARK])
SPECIAL = [AddedToken("<s>", special=True, normalized=False), AddedToken("</s>", special=True, normalized=False, rstrip=True),
           AddedToken("<|end|>", special=True, normalized=False)]
SIDES = [AddedToken("<tool>", lstrip=True, rstrip=True, normalized=False), AddedToken("[MASK]", special=True, lstrip=True, normalized=False),
         AddedToken("word", single_word=True, normalized=False), AddedToken("\n\n\n", normalized=False), AddedToken("  <pad>", normalized=False),
         AddedToken("caf\u00e9", normalized=True, single_word=True)]
Metaspace = pre_tokenizers.Metaspace
KINDS = {name: lambda patterns=patterns: tokenizer("bytes", expressions(patterns)) for name, patterns in EXPRESSIONS.items()}
KINDS |= {
    # SentencePiece's byte pairs as `tokenizer.json` has them: Llama 2, Mistral, Gemma.
    "legacy": lambda: tokenizer("fallback", None, LEGACY, SPECIAL, processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 556)])),
    "metaspace-first": lambda: tokenizer("fallback", Metaspace(prepend_scheme="first", split=False), None, SPECIAL),
    "metaspace-always": lambda: tokenizer("fallback", Metaspace(prepend_scheme="always"), None, SPECIAL),
    "metaspace-never": lambda: tokenizer("marked", Metaspace(prepend_scheme="never"), None, SPECIAL + SIDES),
    "gemma": lambda: tokenizer("fallback", Split(" ", "merged_with_previous"), MARK, SPECIAL + SIDES),
    "unknown": lambda: tokenizer("marked", Metaspace()), "joined": lambda: tokenizer("joined", Metaspace()),
    "whole": lambda: tokenizer("whole", expressions(EXPRESSIONS["llama3"]), None, SPECIAL),
    "unigram": lambda: tokenizer("unigram", Metaspace(prepend_scheme="first"), normalizers.NFKC(), SPECIAL),
    "unigram-bytes": lambda: tokenizer("unigram-bytes", Metaspace(prepend_scheme="always"), None, SPECIAL),
    "pieces-words": lambda: tokenizer("pieces", pre_tokenizers.Whitespace(), normalizers.Sequence([normalizers.NFD(), normalizers.Lowercase(), normalizers.StripAccents()])),
    # Each pre-tokenizer.
    "prefix": lambda: tokenizer("bytes", pre_tokenizers.ByteLevel(add_prefix_space=True), None, SPECIAL + SIDES),
    "falcon": lambda: tokenizer("bytes", Sequence([pre_tokenizers.Punctuation("contiguous"), pre_tokenizers.ByteLevel(add_prefix_space=False), pre_tokenizers.Digits(False), Split(Regex("[0-9][0-9][0-9]"), "isolated")])),
    "digits": lambda: tokenizer("bytes", Sequence([pre_tokenizers.Digits(True), pre_tokenizers.ByteLevel(add_prefix_space=False)])),
    "white": lambda: tokenizer("marked", pre_tokenizers.WhitespaceSplit()),
    "delimiter": lambda: tokenizer("marked", pre_tokenizers.CharDelimiterSplit("e")),
    "bert": lambda: tokenizer("marked", pre_tokenizers.BertPreTokenizer(), normalizers.BertNormalizer(strip_accents=False)),
}
for behavior in ("removed", "isolated", "merged_with_previous", "merged_with_next", "contiguous"):
    KINDS |= {
        f"split-{behavior}": lambda behavior=behavior: tokenizer("bytes", Sequence([Split(Regex(r"\s|[aeiou]{2}"), behavior), BYTE_LEVEL])),
        f"inverted-{behavior}": lambda behavior=behavior: tokenizer("bytes", Sequence([Split(Regex(r"\w+?\b|\d"), behavior, invert=True), BYTE_LEVEL])),
        f"punctuation-{behavior}": lambda behavior=behavior: tokenizer("bytes", Sequence([pre_tokenizers.Punctuation(behavior), BYTE_LEVEL])),
    }
# Each normalizer, with tokens that are looked for in what it leaves.
for name, normalizer in {
    "nfc": normalizers.NFC(), "nfd": normalizers.NFD(), "nfkc": normalizers.NFKC(), "nfkd": normalizers.NFKD(), "lowercase": normalizers.Lowercase(),
    "strip": normalizers.Strip(), "strip-left": normalizers.Strip(right=False), "accents": normalizers.Sequence([normalizers.NFD(), normalizers.StripAccents()]),
    "replace": normalizers.Sequence([normalizers.Replace(Regex(r"\s+"), "~"), normalizers.Replace("e", ""), normalizers.Prepend("> ")]),
}.items():
    KINDS[name] = lambda normalizer=normalizer: tokenizer("bytes", pre_tokenizers.ByteLevel(add_prefix_space=False), normalizer, SPECIAL + SIDES)


def escaped(text):
    return "".join(c if 32 <= ord(c) < 127 and c != "\\" else f"\\u{{{ord(c):x}}}" for c in text)


lines = ["# Tokens of texts by tokenizers, from tokenizer_kinds.py: kind, tab, bar and text with scalars outside printable ASCII as \\u{…}, tab, tokens."]
parts = {}
for seed, (name, make) in enumerate(KINDS.items()):
    made, model = make()
    added = [token.content for token in made.get_added_tokens_decoder().values()]
    written = json.loads(made.to_str())
    parts[name] = {key: written[key] for key in ("added_tokens", "normalizer", "pre_tokenizer", "post_processor") if written[key]} | {"model": model}
    rows = [(text, made.encode(text)) for text in texts(100 + seed, COUNT, added)]
    if FOLDER:
        (FOLDER / f"{name}.json").write_text(made.to_str())
        (FOLDER / f"{name}.txt").write_text("".join(
            f"|{text.encode().hex()}\t{' '.join(map(str, row.ids))}\n" for text, row in rows))
    else:
        lines += [f"{name}\t|{escaped(text)}\t{' '.join(map(str, row.ids))}" for text, row in rows]
if not FOLDER:
    (HERE / "tokenizers-cases.txt").write_text("\n".join(lines) + "\n")
    # A value a line, so that a change is seen where it is.
    text = [f'"{key}": {json.dumps(value)}' for key, value in MODELS.items() if key not in ("whole", "joined")]
    kinds = [f'"{key}": {json.dumps(value)}' for key, value in parts.items()]
    (HERE / "tokenizers.json").write_text('{"models": {\n' + ",\n".join(text) + '\n}, "tokenizers": {\n' + ",\n".join(kinds) + "\n}}\n")
