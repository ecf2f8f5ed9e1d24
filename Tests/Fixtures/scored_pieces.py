"""Makes a small vocabulary of SentencePiece's byte pairs, and what SentencePiece says of texts.

    python3 Tests/Fixtures/scored_pieces.py [COUNT [CASES]]

Written by sentencepiece 0.2: the model falls back to bytes and changes no character.
"""
import pathlib
import random
import sys

from sentence_pieces import cases, escaped, trained

folder = pathlib.Path(__file__).parent
chance = random.Random(11)
WORDS = ("the server room hum um humming a an and of to in is unaffable able aff 12 123 2024 3.14 return self print( ); caf\u00e9 cafe\u0301 na\u00efve "
         "\u4f60\u597d \u4e16\u754c \u65e5\u672c \u65e5\u672c\u8a9e \u041f\u0440\u0438\u0432\u0435\u0442 \u043c\u0438\u0440 \ud55c\uad6d\uc5b4 \U0001f600").split()
proto, processor = trained(
    chance, WORDS, model_type="bpe", vocab_size=420, byte_fallback=True, normalization_rule_name="identity",
    remove_extra_whitespaces=False, user_defined_symbols=["<tool>"])
# A user's token is text as it is, where a space is a space.
pieces = ["# Pieces of a SentencePiece model, from scored_pieces.py: type as GGUF has it, score, bar and piece."]
for piece in proto.pieces:
    kind = {1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 6}[piece.type]
    spelled = piece.piece.replace("\u2581", " ") if kind == 4 else piece.piece
    pieces.append(f"{kind} {piece.score!r} |{escaped(spelled)}")
(folder / "scored-pieces.txt").write_text("\n".join(pieces) + "\n")
PARTS = WORDS * 2 + [" "] * 30 + ["  ", "   ", "\n", "\n\n", "\t", "\u2581", "\u3000", "zq", "Q", "\u0e2a\u0e27", "aaaa", "e", "\u0301", "<tool>", "<0x41>"]
count = int(sys.argv[1]) if len(sys.argv) > 1 else 400
out = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else folder / "scored-pieces-cases.txt"
out.write_text(cases(chance, processor, PARTS, count, "scored_pieces.py"))
