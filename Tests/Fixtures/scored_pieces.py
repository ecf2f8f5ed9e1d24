"""Makes a small vocabulary of SentencePiece's byte pairs, and what SentencePiece says of texts.

    python3 Tests/Fixtures/scored_pieces.py [COUNT [CASES]]

Written by sentencepiece 0.2: the model is trained in a folder that goes away, falls back to bytes and changes no character.
"""
import pathlib
import random
import sys
import tempfile

import sentencepiece
from sentencepiece import sentencepiece_model_pb2 as protobuf

folder = pathlib.Path(__file__).parent
chance = random.Random(11)
WORDS = ("the server room hum um humming a an and of to in is unaffable able aff 12 123 2024 3.14 return self print( ); caf\u00e9 cafe\u0301 na\u00efve "
         "\u4f60\u597d \u4e16\u754c \u65e5\u672c \u65e5\u672c\u8a9e \u041f\u0440\u0438\u0432\u0435\u0442 \u043c\u0438\u0440 \ud55c\uad6d\uc5b4 \U0001f600").split()
with tempfile.TemporaryDirectory() as place:
    text = pathlib.Path(place) / "text.txt"
    text.write_text("\n".join(" ".join(chance.choice(WORDS) for _ in range(12)) for _ in range(400)))
    sentencepiece.SentencePieceTrainer.train(
        input=str(text), model_prefix=f"{place}/m", model_type="bpe", vocab_size=420, byte_fallback=True, character_coverage=0.98,
        normalization_rule_name="identity", remove_extra_whitespaces=False, user_defined_symbols=["<tool>"], minloglevel=2)
    model = pathlib.Path(f"{place}/m.model").read_bytes()
proto = protobuf.ModelProto()
proto.ParseFromString(model)
processor = sentencepiece.SentencePieceProcessor(model_proto=model)


def escaped(text):
    return "".join(c if 32 <= ord(c) < 127 and c != "\\" else f"\\u{{{ord(c):x}}}" for c in text)


# A user's token is text as it is, where a space is a space.
pieces = ["# Pieces of a SentencePiece model, from scored_pieces.py: type as GGUF has it, score, bar and piece."]
for piece in proto.pieces:
    kind = {1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 6}[piece.type]
    spelled = piece.piece.replace("\u2581", " ") if kind == 4 else piece.piece
    pieces.append(f"{kind} {piece.score!r} |{escaped(spelled)}")
(folder / "scored-pieces.txt").write_text("\n".join(pieces) + "\n")
PARTS = WORDS * 2 + [" "] * 30 + ["  ", "   ", "\n", "\n\n", "\t", "\u2581", "\u3000", "zq", "Q", "\u0e2a\u0e27", "aaaa", "e", "\u0301", "<tool>", "<0x41>"]
lines = ["# Tokens of texts by SentencePiece, from scored_pieces.py: bar and text with scalars outside printable ASCII as \\u{…}, tab, tokens."]
for _ in range(int(sys.argv[1]) if len(sys.argv) > 1 else 400):
    text = "".join(chance.choice(PARTS) for _ in range(chance.randrange(1, 12)))
    lines.append(f"|{escaped(text)}\t{' '.join(map(str, processor.encode(text)))}")
out = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else folder / "scored-pieces-cases.txt"
out.write_text("\n".join(lines) + "\n")
