"""Plumbline beside llama.cpp and PyTorch on the same weights, in turns; README.md says how it is run."""
import argparse, json, statistics, subprocess, time
import gguf, llama_cpp, numpy, torch

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("plumb"), parser.add_argument("model")
for name, value in [("threads", 2), ("rounds", 7), ("prompt", 512), ("generate", 64)]:
    parser.add_argument(f"--{name}", type=int, default=value)
options = parser.parse_args()
tokens = [i * 7919 % 49000 for i in range(options.prompt)]

def timed(read):
    """Rates, and the continuation, of `read`, which reads tokens and returns the likeliest next one."""
    start, text = time.perf_counter(), [read(tokens)]
    middle = time.perf_counter()
    while len(text) < options.generate:
        text.append(read(text[-1:]))
    return len(tokens) / (middle - start), (len(text) - 1) / (time.perf_counter() - middle), text

def plumb():
    command = [options.plumb, "run", options.model, "--json", "--threads", str(options.threads), "--tokens",
               ",".join(map(str, tokens)), "--tokens-to-generate", str(options.generate)]
    r = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    return r["promptTokensPerSecond"], r["generationTokensPerSecond"], [t["token"] for t in r["tokens"]]

def llama():
    model = llama_cpp.Llama(
        options.model, n_ctx=options.prompt + options.generate, n_batch=512, n_ubatch=512, type_k=0, type_v=0,
        n_threads=options.threads, n_threads_batch=options.threads, verbose=False)
    def read(new):
        model.eval(new)
        return int(numpy.ctypeslib.as_array(model._ctx.get_logits(), (model.n_vocab(),)).argmax())
    return timed(read)

torch.set_num_threads(options.threads)
reader = gguf.GGUFReader(options.model)
field = {name: reader.fields["llama." + name].contents() for name in [
    "attention.head_count", "rope.freq_base", "attention.layer_norm_rms_epsilon", "block_count"]}
w = {t.name: torch.from_numpy(gguf.dequantize(t.data, t.tensor_type).reshape(t.shape.tolist()[::-1]).copy())
     for t in reader.tensors}
size = w["token_embd.weight"].shape[1] // field["attention.head_count"]
frequencies = field["rope.freq_base"] ** (-torch.arange(0, size, 2) / size)

def norm(x, name):
    return torch.rms_norm(x, x.shape[-1:], w[name], field["attention.layer_norm_rms_epsilon"])

def rotate(x, position):
    angles = ((position + torch.arange(x.shape[0]))[:, None] * frequencies)[:, None]
    pairs = torch.view_as_complex(x.unflatten(-1, (-1, 2)).contiguous())
    return torch.view_as_real(pairs * torch.polar(torch.ones_like(angles), angles)).flatten(-2)

@torch.inference_mode()
def read(new, cache):
    x = w["token_embd.weight"][new]
    for i in range(field["block_count"]):
        p, past = f"blk.{i}.", cache[i][0].shape[1] if i in cache else 0
        h = norm(x, p + "attn_norm.weight")
        q, k, v = ((h @ w[p + f"attn_{s}.weight"].T).unflatten(-1, (-1, size)) for s in "qkv")
        new_pair = rotate(k, past).transpose(0, 1), v.transpose(0, 1)
        cache[i] = [torch.cat(pair, 1) for pair in zip(cache[i], new_pair)] if past else new_pair
        q, (k, v) = rotate(q, past).transpose(0, 1), cache[i]
        a = torch.nn.functional.scaled_dot_product_attention(
            q[None], k[None], v[None], is_causal=len(new) > 1, enable_gqa=True)
        x = x + a[0].transpose(0, 1).flatten(-2) @ w[p + "attn_output.weight"].T
        h = norm(x, p + "ffn_norm.weight")
        h = torch.nn.functional.silu(h @ w[p + "ffn_gate.weight"].T) * (h @ w[p + "ffn_up.weight"].T)
        x = x + h @ w[p + "ffn_down.weight"].T
    return int((norm(x[-1], "output_norm.weight") @ w.get("output.weight", w["token_embd.weight"]).T).argmax())

def pytorch(): return (lambda cache: timed(lambda new: read(new, cache)))({})
engines = {"plumb": plumb, "llama.cpp": llama, "PyTorch": pytorch}
rounds = [{name: run() for name, run in engines.items()} for _ in range(options.rounds + 1)][1:]  # The first warms up.
for phase, label in enumerate(["prompt", "generation"]):
    for name in engines:
        rates = [round[name][phase] for round in rounds]
        ratio = statistics.median(round["plumb"][phase] / round[name][phase] for round in rounds)
        same = sum(a == b for a, b in zip(rounds[0]["plumb"][2], rounds[0][name][2]))
        print(f"{label:<10}  {name:<9}  median {statistics.median(rates):7.1f} tokens/s  best {max(rates):7.1f}  "
              f"plumb is {ratio:.2f} times as fast  {same} of {options.generate} tokens alike")
