"""Plumbline beside llama.cpp and PyTorch on the same weights, in turns; README.md says how it is run."""
import argparse, json, os, statistics, subprocess, time
import gguf, llama_cpp, numpy, torch

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("plumb"), parser.add_argument("model")
for name, value in [("threads", 2), ("rounds", 7), ("prompt", 512), ("generate", 64)]:
    parser.add_argument(f"--{name}", type=int, default=value)
parser.add_argument("--no-pytorch", action="store_true", help="leave PyTorch's Llama out, for models of other families")
parser.add_argument("--seconds", type=float, default=float("inf"), help="begin no round after so many seconds")
options = parser.parse_args()
tokens = [i * 7919 % 49000 for i in range(options.prompt)]

def timed(read):
    """Rates, the continuation, and the processor's seconds of `read`, which reads tokens and returns the likeliest next one."""
    processor = time.process_time()
    start, text = time.perf_counter(), [read(tokens)]
    middle = time.perf_counter()
    while len(text) < options.generate:
        text.append(read(text[-1:]))
    end = time.perf_counter()
    return len(tokens) / (middle - start), (len(text) - 1) / (end - middle), text, time.process_time() - processor

resident = []

def plumb():
    command = [options.plumb, "run", options.model, "--json", "--threads", str(options.threads), "--tokens",
               ",".join(map(str, tokens)), "--tokens-to-generate", str(options.generate)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    while True:  # What the system says after the end would count this interpreter's memory too.
        with open(f"/proc/{process.pid}/status") as status:
            resident.extend(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
        pid, result, usage = os.wait4(process.pid, os.WNOHANG)
        if pid: break
        time.sleep(0.1)
    process.returncode = os.waitstatus_to_exitcode(result)
    assert process.returncode == 0
    r = json.load(process.stdout)
    text = [t["token"] for t in r["tokens"]]
    return r["promptTokensPerSecond"], r["generationTokensPerSecond"], text, usage.ru_utime + usage.ru_stime

def llama(cache):
    model = llama_cpp.Llama(
        options.model, n_ctx=options.prompt + options.generate, n_batch=512, n_ubatch=512, type_k=cache, type_v=cache,
        n_threads=options.threads, n_threads_batch=options.threads, verbose=False)
    def read(new):
        model.eval(new)
        return int(numpy.ctypeslib.as_array(model._ctx.get_logits(), (model.n_vocab(),)).argmax())
    return timed(read)

torch.set_num_threads(options.threads)
reader = gguf.GGUFReader(options.model)
if not options.no_pytorch:
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

numbers, square = torch.ones(1 << 27), torch.ones(1536, 1536)

def best(work, times=5):
    """The shortest of some times of `work`, in seconds."""
    def once():
        start = time.perf_counter()
        work()
        return time.perf_counter() - start
    return min(once() for _ in range(times))

def machine():
    """How fast memory is read (bytes a second) and Float32 matrices are multiplied (operations a second)."""
    return 4 * numbers.numel() / best(numbers.sum), 2 * 1536**3 / best(lambda: square @ square)

engines = {"plumb": plumb, "llama.cpp": lambda: llama(0), "llama.cpp, half-precision cache": lambda: llama(1),
           "PyTorch": pytorch}
if options.no_pytorch: del engines["PyTorch"]
rounds, limits, began = [], [], time.perf_counter()
while len(rounds) <= options.rounds and (len(rounds) < 2 or time.perf_counter() - began < options.seconds):
    rounds.append({name: run() for name, run in engines.items()})
    limits.append(machine())
rounds = rounds[1:]  # The first warms up.
read, multiply = (statistics.median(limit[i] for limit in limits[1:]) for i in (0, 1))
stored = sum(t.n_bytes for t in reader.tensors)
print(f"{os.path.basename(options.model)}, {options.threads} threads, prompt {options.prompt}, "
      f"generated {options.generate}, medians of {len(rounds)} rounds, load {os.getloadavg()[0]:.1f}\n")
print("| phase | engine | tokens/s | best | plumb is so many times as fast | tokens alike |")
print("| --- | --- | ---: | ---: | ---: | ---: |")
for phase, label in enumerate(["prompt", "generation"]):
    for name in engines:
        rates = [round[name][phase] for round in rounds]
        ratio = statistics.median(round["plumb"][phase] / round[name][phase] for round in rounds)
        same = sum(a == b for a, b in zip(rounds[0]["plumb"][2], rounds[0][name][2]))
        print(f"| {label} | {name} | {statistics.median(rates):.1f} | {max(rates):.1f} | {ratio:.2f} | "
              f"{same} of {options.generate} |")
for name in engines:
    print(f"processor seconds of {name}: {statistics.median(round[name][3] for round in rounds):.2f}"
          + (" with loading" if name == "plumb" else ""))
# Every stored weight is read for every token, but of the embedding only where the logits' weights are the same.
sizes = {t.name: t.n_bytes for t in reader.tensors}
used = stored - (sizes["token_embd.weight"] if "output.weight" in sizes else 0)
generation = statistics.median(round["plumb"][1] * used / limit[0] for round, limit in zip(rounds, limits[1:]))
print(f"\nmemory is read at {read / 1e9:.1f} GB/s: generation reads {100 * generation:.0f} % of what that allows"
      f"\nmatrices are multiplied at {multiply / 1e9:.0f} GFLOP/s (PyTorch, 1536 x 1536)"
      f"\nresident at most {max(resident) / 1024:.0f} MiB, weights as stored {stored / 2**20:.0f} MiB")
