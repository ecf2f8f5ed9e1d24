"""Makes the tokenizer and the pooling of `tiny-bert`, and the cosines that PyTorch computes of texts in Float64.

    python3 Tests/Fixtures/similarities.py

Written by transformers 5, PyTorch 2 and tokenizers 0.23, after `families.py bert`. The pooling that the folder states is the mean;
the cosines are those of each rule.
"""
import json
import pathlib

import numpy
import torch
import torch.nn.functional as functional
from tokenizers import AddedToken, Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import AutoModel

folder = pathlib.Path(__file__).parent / "tiny-bert"
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
PIECES = "server room hum the a of fan ##s ##ing cold warm air night day light dark sound loud silent no is in . , ? ##er box".split()
TEXTS = ["The server room", "hum", "a loud fan, humming", "Is the light in the box?", "cold night air", "colder nights, colder air"]

tokenizer = Tokenizer(models.WordPiece({text: index for index, text in enumerate(SPECIAL + PIECES)}, unk_token="[UNK]"))
tokenizer.normalizer = normalizers.BertNormalizer()
tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
tokenizer.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
tokenizer.add_special_tokens([AddedToken(text, normalized=False, special=True) for text in SPECIAL])
tokenizer.save(str(folder / "tokenizer.json"))
(folder / "1_Pooling").mkdir(exist_ok=True)
modes = {f"pooling_mode_{name}": name == "mean_tokens" for name in ("cls_token", "mean_tokens", "max_tokens", "lasttoken")}
(folder / "1_Pooling" / "config.json").write_text(json.dumps(modes, indent=1) + "\n")
kinds = [("Transformer", ""), ("Pooling", "1_Pooling"), ("Normalize", "2_Normalize")]
(folder / "modules.json").write_text(json.dumps([
    dict(idx=index, name=str(index), path=path, type=f"sentence_transformers.models.{kind}") for index, (kind, path) in enumerate(kinds)],
    indent=1) + "\n")

# Epsilon is a Float32 to us.
norm = functional.layer_norm
functional.layer_norm = lambda x, shape, weight, bias, eps: norm(x, shape, weight, bias, float(numpy.float32(eps)))
model = AutoModel.from_pretrained(folder, attn_implementation="eager", dtype=torch.float64).eval()
with torch.no_grad():
    rows = [model(torch.tensor([tokenizer.encode(text).ids])).last_hidden_state[0] for text in TEXTS]
POOLINGS = {"mean": lambda x: x.mean(0), "cls": lambda x: x[0], "last": lambda x: x[-1], "max": lambda x: x.max(0).values}
lines = ["# Cosines of texts by PyTorch in Float64, from similarities.py: pooling, texts by number, cosine; first the texts and their tokens."]
lines += [f"text\t{text}\t{' '.join(map(str, tokenizer.encode(text).ids))}" for text in TEXTS]
for name, pool in POOLINGS.items():
    pooled = [pool(x) for x in rows]
    for second in range(len(TEXTS)):
        for first in range(second):
            cosine = functional.cosine_similarity(pooled[first], pooled[second], dim=0, eps=0)
            lines.append(f"{name}\t{first}\t{second}\t{float(cosine)!r}")
(folder / "cosines.txt").write_text("\n".join(lines) + "\n")
