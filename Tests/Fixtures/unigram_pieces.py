"""Makes a small vocabulary of SentencePiece's unigrams with a map of characters, and what SentencePiece says of texts.

    python3 Tests/Fixtures/unigram_pieces.py [COUNT [CASES]]

Written by sentencepiece 0.2: the model leaves out white space beside other white space.
"""
import pathlib
import random
import sys

from sentence_pieces import cases, escaped, trained

folder = pathlib.Path(__file__).parent
chance = random.Random(13)
WORDS = ("the server room hum um humming a an and of to in is unaffable able aff 12 123 2024 3.14 return caf\u00e9 na\u00efve find "
         "\u4f60\u597d \u4e16\u754c \u65e5\u672c \u65e5\u672c\u8a9e \u041f\u0440\u0438\u0432\u0435\u0442 \u043c\u0438\u0440").split()
# Ligatures, wide letters, an accent that joins its letter, white space of other kinds, and runs of several characters, the longest of which counts.
RULES = {"\ufb01": "fi", "\uff41": "a", "e\u0301": "\u00e9", "\u3000": " ", "\t": " ", "\n": " ", "\u200b": "",
         "\u1112\u1161": "ha", "\u1112\u1161\u11ab": "han", "o m": "om"}
proto, processor = trained(chance, WORDS, RULES, model_type="unigram", vocab_size=70, remove_extra_whitespaces=True)
pieces = ["# Pieces of a SentencePiece model, from unigram_pieces.py: type as GGUF has it, score, bar and piece; first the map."]
pieces.append("map " + proto.normalizer_spec.precompiled_charsmap.hex())
pieces += [f"{piece.type} {piece.score!r} |{escaped(piece.piece)}" for piece in proto.pieces]
(folder / "unigram-pieces.txt").write_text("\n".join(pieces) + "\n")
PARTS = WORDS * 2 + [" "] * 30 + ["  ", "   ", "\n", "\t ", "\u3000", "zq", "Q", "aaaa", "e", "\u0301", "\ufb01nd", "\uff41n", "\u200b",
                                    "\u1112\u1161", "\u1112\u1161\u11ab", "\u1112", "o m"]
count = int(sys.argv[1]) if len(sys.argv) > 1 else 300
out = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else folder / "unigram-pieces-cases.txt"
out.write_text(cases(chance, processor, PARTS, count, "unigram_pieces.py"))
