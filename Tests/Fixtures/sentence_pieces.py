"""SentencePiece models that are trained on the spot, and what they say of texts: for the scripts of the fixtures."""
import pathlib
import tempfile

import sentencepiece
from sentencepiece import sentencepiece_model_pb2 as protobuf


def trained(chance, words, rules=None, **options):
    """The model of 400 lines of 12 of `words`, trained in a folder that goes away, as a description and as a processor.

    `rules` is a list of characters and what they become.
    """
    with tempfile.TemporaryDirectory() as place:
        text = pathlib.Path(place) / "text.txt"
        text.write_text("\n".join(" ".join(chance.choice(words) for _ in range(12)) for _ in range(400)))
        if rules is not None:
            options["normalization_rule_tsv"] = f"{place}/rules.tsv"
            pathlib.Path(options["normalization_rule_tsv"]).write_text("".join(
                " ".join(f"{ord(c):X}" for c in old) + "\t" + " ".join(f"{ord(c):X}" for c in new) + "\n"
                for old, new in rules.items()))
        sentencepiece.SentencePieceTrainer.train(
            input=str(text), model_prefix=f"{place}/m", character_coverage=0.98, minloglevel=2, **options)
        model = pathlib.Path(f"{place}/m.model").read_bytes()
    proto = protobuf.ModelProto()
    proto.ParseFromString(model)
    return proto, sentencepiece.SentencePieceProcessor(model_proto=model)


def escaped(text):
    return "".join(c if 32 <= ord(c) < 127 and c != "\\" else f"\\u{{{ord(c):x}}}" for c in text)


def cases(chance, processor, parts, count, script):
    """Lines of `count` texts of up to 11 of `parts`, each with its tokens."""
    lines = [f"# Tokens of texts by SentencePiece, from {script}: bar and text with scalars outside printable ASCII as \\u{{…}}, tab, tokens."]
    for _ in range(count):
        text = "".join(chance.choice(parts) for _ in range(chance.randrange(1, 12)))
        lines.append(f"|{escaped(text)}\t{' '.join(map(str, processor.encode(text)))}")
    return "\n".join(lines) + "\n"
