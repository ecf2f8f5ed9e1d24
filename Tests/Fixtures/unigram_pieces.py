"""Makes a small vocabulary of SentencePiece's unigrams with a map of characters, and what SentencePiece says of texts.

    python3 Tests/Fixtures/unigram_pieces.py [COUNT [CASES]]

Written by sentencepiece 0.2: the model is trained in a folder that goes away, and leaves out white space beside other white space.
"""
import pathlib
import random
import sys
import tempfile

import sentencepiece
from sentencepiece import sentencepiece_model_pb2 as protobuf

folder = pathlib.Path(__file__).parent
chance = random.Random(13)
WORDS = ("the server room hum um humming a an and of to in is unaffable able aff 12 123 2024 3.14 return caf\u00e9 na\u00efve find "
         "\u4f60\u597d \u4e16\u754c \u65e5\u672c \u65e5\u672c\u8a9e \u041f\u0440\u0438\u0432\u0435\u0442 \u043c\u0438\u0440").split()
# Ligatures, wide letters, an accent that joins its letter, and white space of other kinds.
RULES = {"\ufb01": "fi", "\uff41": "a", "e\u0301": "\u00e9", "\u3000": " ", "\t": " ", "\n": " ", "\u200b": ""}
with tempfile.TemporaryDirectory() as place:
    text = pathlib.Path(place) / "text.txt"
    text.write_text("\n".join(" ".join(chance.choice(WORDS) for _ in range(12)) for _ in range(400)))
    rules = pathlib.Path(place) / "rules.tsv"
    rules.write_text("".join(" ".join(f"{ord(c):X}" for c in old) + "\t" + " ".join(f"{ord(c):X}" for c in new) + "\n"
        for old, new in RULES.items()))
    sentencepiece.SentencePieceTrainer.train(
        input=str(text), model_prefix=f"{place}/m", model_type="unigram", vocab_size=70, character_coverage=0.98,
        normalization_rule_tsv=str(rules), remove_extra_whitespaces=True, minloglevel=2)
    model = pathlib.Path(f"{place}/m.model").read_bytes()
proto = protobuf.ModelProto()
proto.ParseFromString(model)
processor = sentencepiece.SentencePieceProcessor(model_proto=model)


def escaped(text):
    return "".join(c if 32 <= ord(c) < 127 and c != "\\" else f"\\u{{{ord(c):x}}}" for c in text)


pieces = ["# Pieces of a SentencePiece model, from unigram_pieces.py: type as GGUF has it, score, bar and piece; first the map."]
pieces.append("map " + proto.normalizer_spec.precompiled_charsmap.hex())
pieces += [f"{piece.type} {piece.score!r} |{escaped(piece.piece)}" for piece in proto.pieces]
(folder / "unigram-pieces.txt").write_text("\n".join(pieces) + "\n")
PARTS = WORDS * 2 + [" "] * 30 + ["  ", "   ", "\n", "\t ", "\u3000", "zq", "Q", "aaaa", "e", "\u0301", "\ufb01nd", "\uff41n", "\u200b"]
lines = ["# Tokens of texts by SentencePiece, from unigram_pieces.py: bar and text with scalars outside printable ASCII as \\u{…}, tab, tokens."]
for _ in range(int(sys.argv[1]) if len(sys.argv) > 1 else 300):
    text = "".join(chance.choice(PARTS) for _ in range(chance.randrange(1, 12)))
    lines.append(f"|{escaped(text)}\t{' '.join(map(str, processor.encode(text)))}")
out = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else folder / "unigram-pieces-cases.txt"
out.write_text("\n".join(lines) + "\n")
