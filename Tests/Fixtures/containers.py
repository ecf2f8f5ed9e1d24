"""Makes a tiny Llama for each container of quantised matrices, and what transformers computes of the matrices in Float64.

    python3 Tests/Fixtures/containers.py AUTOAWQ GPTQMODEL [NAME …]

Codes are random bits, so that no folder is a model of anything. What the codes mean is computed here in NumPy, in Float64, where
every product and sum is exact; the container's own library, which is asked for the same, must be within its roundings. Those are
transformers 5.24, compressed-tensors 0.20, bitsandbytes 0.50, mlx 0.32, and, read from the unpacked source distributions in the
folders AUTOAWQ and GPTQMODEL, the functions of AutoAWQ 0.2.9 and gptqmodel 7.7 that unpack and multiply. modelopt's formula is
written out from `qtensor/nvfp4_tensor.py`, as that library has no processor to run on here.

A folder has `config.json`, `model.safetensors`, and `exact.safetensors`: two matrices as Float64s, and the logits.
"""
import ast
import hashlib
import json
import pathlib
import shutil
import sys
import tempfile

import bitsandbytes.functional as bnb
import compressed_tensors.compressors as compressors
import mlx.core as mx
import numpy
import torch
from bitsandbytes.backends.default.ops import _dequantize_4bit_compute
from compressed_tensors.quantization import QuantizationArgs, QuantizationScheme
from safetensors.torch import load_file, save, save_file
from transformers import AutoConfig, AutoModelForCausalLM
from transformers.integrations.finegrained_fp8 import _dequantize_fp8_weight

from families import TOKENS, Float64

SIZES = dict(
    vocab_size=32, hidden_size=32, intermediate_size=64, num_hidden_layers=1, num_attention_heads=4, num_key_value_heads=2,
    head_dim=8, max_position_embeddings=64, rms_norm_eps=2**-17, bos_token_id=1, eos_token_id=2, tie_word_embeddings=False,
    rope_parameters=dict(rope_type="default", rope_theta=10000.0))
CHECKED = ("self_attn.k_proj", "mlp.down_proj")
E2M1 = numpy.array([0, 0.5, 1, 1.5, 2, 3, 4, 6, -0.0, -0.5, -1, -1.5, -2, -3, -4, -6])
RANDOM = numpy.random.default_rng(27)
AWQ, GPTQ = None, None


def bits(*shape, high=256, type=numpy.uint8):
    return torch.from_numpy(RANDOM.integers(0, high, shape, dtype=numpy.int64).astype(type))


def words(*shape):
    return torch.from_numpy(RANDOM.integers(-2**31, 2**31, shape).astype(numpy.int32))


def scales(shape, size, type):
    """Numbers near `size`, of all the bits of `type`."""
    return torch.from_numpy(numpy.asarray(size * RANDOM.uniform(0.5, 1.5, shape))).to(type)


def fp8(*shape):
    """Random FP8 without NaN."""
    byte = bits(*shape).to(torch.int64)
    byte[byte % 128 == 127] -= 1
    return byte.to(torch.uint8).view(torch.float8_e4m3fn)


def double(tensor):
    return tensor.to(torch.float32).to(torch.float64).numpy() if tensor.dtype != torch.float64 else tensor.numpy()


def codes(packed, width, count, axis):
    """The codes of `width` bits that stand one after the other in words along `axis`, the lowest bits first."""
    packed = numpy.moveaxis(packed.numpy().astype(numpy.int64) & 0xffffffff, axis, -1)
    stream = (packed[..., None] >> numpy.arange(32)) & 1
    stream = stream.reshape(*packed.shape[:-1], -1)[..., :count * width].reshape(*packed.shape[:-1], count, width)
    return numpy.moveaxis((stream << numpy.arange(width)).sum(-1), -1, axis)


def within(exact, library, roundings=1, size=None):
    """Refuses what a library computed in Float32 where it is off by more than so many roundings of numbers of `size`."""
    library = library.to(torch.float64).numpy() if isinstance(library, torch.Tensor) else library
    distance = numpy.abs(exact - library)
    size = numpy.abs(exact) if size is None else size
    assert exact.shape == library.shape and numpy.isfinite(exact).all()
    assert (distance <= roundings * 2**-24 * (1 + 2**-20) * size).all(), (distance / size).max()
    return exact


def functions(path, names, **globals):
    """The functions `names` of the file `path`, run without what surrounds them."""
    tree = ast.parse(path.read_text())
    found = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name in names]
    for node in found:
        node.decorator_list = []
        node.returns = None
        for argument in node.args.args: argument.annotation = None
    space = dict(globals)
    exec(compile(ast.Module(found, []), str(path), "exec"), space)
    return space


# Each gives the tensors of a module by the ends of their names, and its matrix in Float64.

def fp8_blocks(module, rows, columns):
    weight, scale = fp8(rows, columns), scales((-(-rows // 24), -(-columns // 12)), 2**-9, torch.float32)
    large = double(scale).repeat(24, 0).repeat(12, 1)[:rows, :columns]
    exact = double(weight) * large
    assert (exact == _dequantize_fp8_weight(weight, scale, [24, 12], torch.float64).numpy()).all()
    within(exact, _dequantize_fp8_weight(weight, scale, [24, 12], torch.float32))
    return {".weight": weight, ".weight_scale_inv": scale}, exact


def decompressed(format, tensors, **members):
    """What compressed-tensors makes of `tensors`."""
    scheme = QuantizationScheme(targets=["Linear"], weights=QuantizationArgs(**members))
    state = {name[1:]: tensor for name, tensor in tensors.items()}
    return compressors.BaseCompressor.get_value_from_registry(format).decompress(state, scheme)["weight"]


def ct_fp8(module, rows, columns):
    if module.endswith("down_proj"):
        byte = bits(rows, columns).to(torch.int64)
        weight = torch.where(byte % 128 > 123, byte - 4, byte).to(torch.uint8).view(torch.float8_e5m2)
        tensors = {".weight": weight, ".weight_scale": scales((rows, columns // 16), 2**-17, torch.bfloat16)}
        own = decompressed("float-quantized", tensors | {".weight_scale": tensors[".weight_scale"].float()},
            num_bits=8, type="float", strategy="group", group_size=16)
        return tensors, within(double(weight) * double(tensors[".weight_scale"]).repeat(16, 1), own)
    attention = "attn" in module
    weight = fp8(rows, columns)
    scale = scales((rows, 1), 2**-9, torch.bfloat16) if attention else scales((1,), 2**-9, torch.float32)
    tensors = {".weight": weight, ".weight_scale": scale}
    members = dict(num_bits=8, type="float", strategy="channel" if attention else "tensor")
    own = decompressed("float-quantized", tensors | {".weight_scale": scale.float()}, **members)
    return tensors, within(double(weight) * double(scale), own)


def ct_int8(module, rows, columns):
    weight, zero = bits(rows, columns).view(torch.int8), bits(rows, 1).view(torch.int8)
    tensors = {".weight": weight, ".weight_scale": scales((rows, 1), 2**-9, torch.bfloat16), ".weight_zero_point": zero}
    own = decompressed("int-quantized", tensors | {".weight_scale": tensors[".weight_scale"].float()},
        num_bits=8, type="int", symmetric=False, strategy="channel")
    return tensors, within((double(weight) - double(zero)) * double(tensors[".weight_scale"]), own)


def ct_packed(width, size, type, symmetric, listed=False):
    def make(module, rows, columns):
        groups = columns // size if size else 1
        tensors = {
            ".weight_packed": words(rows, -(-columns * width // 32)),
            ".weight_scale": scales((rows, groups), 2.0**(-width - 1), type), ".weight_shape": torch.tensor([rows, columns])}
        if not symmetric: tensors[".weight_zero_point"] = words(-(-rows * width // 32), groups)
        number = codes(tensors[".weight_packed"], width, columns, 1)
        zero = 2**(width - 1) if symmetric else codes(tensors[".weight_zero_point"], width, rows, 0)
        place = numpy.arange(columns) // (columns // groups)
        scale = double(tensors[".weight_scale"])
        formula = lambda: (number - (zero if symmetric else zero[:, place])) * scale[:, place]
        own = decompressed("pack-quantized", tensors | {".weight_scale": tensors[".weight_scale"].float()},
            num_bits=width, type="int", symmetric=symmetric, strategy="group" if size else "channel", group_size=size)
        within(formula(), own)
        if listed and "mlp" in module:
            # Older files list the group of each column; the library that read them is not this one.
            place = RANDOM.permutation(place)
            tensors[".weight_g_idx"] = torch.from_numpy(place.astype(numpy.int32))
        return tensors, formula()
    return make


def gptq(width, size, version, listed, type=torch.float16):
    def make(module, rows, columns):
        groups = columns // size
        tensors = {
            ".qweight": words(columns * width // 32, rows), ".scales": scales((groups, rows), 2.0**(-width - 1), type),
            ".qzeros": words(groups, rows * width // 32), ".bias": torch.zeros(rows)}
        place = numpy.arange(columns) // size
        if listed: place = RANDOM.permutation(place)
        tensors[".g_idx"] = torch.from_numpy(place.astype(numpy.int32))
        zero = codes(tensors[".qzeros"], width, rows, 1)
        if version == 1:
            # All ones are stored by no two programs alike, and refused.
            zero %= 2**width - 1
            packed = sum(((zero.reshape(groups, -1, 32 // width)[..., index]) << (index * width)) for index in range(32 // width))
            tensors[".qzeros"] = torch.from_numpy(packed.astype(numpy.uint32).view(numpy.int32))
            zero = zero + 1
        exact = (codes(tensors[".qweight"], width, columns, 0) - zero[place]) * double(tensors[".scales"])[place]
        # gptqmodel has the second version in memory, and makes it of the first by one sum a word.
        own = tensors[".qzeros"] + (0 if version == 2 else sum(1 << (index * width) for index in range(32 // width)))
        wf = torch.arange(0, 32, width) if width != 3 else torch.tensor([
            [0, 3, 6, 9, 12, 15, 18, 21, 24, 27, 30, 0], [0, 1, 4, 7, 10, 13, 16, 19, 22, 25, 28, 31],
            [0, 2, 5, 8, 11, 14, 17, 20, 23, 26, 29, 0]]).reshape(1, 3, 12)
        layer = type_of(GPTQ, planar=False, bits=width, pack_factor=32 // width, maxq=2**width - 1, qzeros=own, qweight=tensors[".qweight"],
            scales=tensors[".scales"].float(), g_idx=tensors[".g_idx"], in_features=columns, dequant_dtype=torch.int32,
            wf_unsqueeze_zero=wf.unsqueeze(0), wf_unsqueeze_neg_one=wf.unsqueeze(-1), _init_wf_unsqueeze_buffers=lambda: None)
        within(exact, GPTQ["dequantize_weight"](layer))
        return tensors, exact.T
    return make


def type_of(space, **members):
    """An object of `members` that has the methods of `space`."""
    result = type("Layer", (), members)()
    result._init_wf_unsqueeze_buffers = lambda: None
    result._dequantize_from_codes = lambda *a, **b: space["_dequantize_from_codes"](result, *a, **b)
    return result


def awq(module, rows, columns):
    groups = columns // 16
    tensors = {".qweight": words(columns, rows // 8), ".qzeros": words(groups, rows // 8), ".scales": scales((groups, rows), 2**-5, torch.float16)}

    def ordered(packed):
        nibbles = codes(packed, 4, rows, 1).reshape(packed.shape[0], -1, 8)
        result = numpy.empty_like(nibbles)
        result[..., [0, 2, 4, 6, 1, 3, 5, 7]] = nibbles
        return result.reshape(packed.shape[0], rows)

    place = numpy.arange(columns) // 16
    exact = (ordered(tensors[".qweight"]) - ordered(tensors[".qzeros"])[place]) * double(tensors[".scales"])[place]
    own = AWQ["dequantize_gemm"](tensors[".qweight"], tensors[".qzeros"], tensors[".scales"].float(), 4, 16)
    return tensors, within(exact, own).T


def bnb4(levels, nested):
    def make(module, rows, columns):
        matrix = torch.from_numpy(RANDOM.normal(size=(rows, columns)) * 0.3).to(torch.float32)
        packed, state = bnb.quantize_4bit(matrix, blocksize=64, quant_type=levels, compress_statistics=nested)
        packed = bits(*packed.shape)
        if nested: state.absmax = bits(*state.absmax.shape)
        tensors = {".weight": packed} | {f".weight.{name}": tensor for name, tensor in state.as_dict(packed=True).items()}
        greatest = state.absmax
        if nested:
            greatest = state.state2.code[state.absmax.long()] * state.state2.absmax.repeat_interleave(256)[:len(state.absmax)] + state.offset
            assert torch.equal(greatest, bnb.dequantize_blockwise(state.absmax, state.state2) + state.offset)
        byte = packed.numpy().reshape(-1)
        nibble = numpy.stack([byte >> 4, byte & 15], -1).reshape(-1)
        exact = (double(state.code)[nibble] * double(greatest).repeat(64)).reshape(rows, columns)
        # bitsandbytes' own kernel for processors takes blocks that cross rows for those of one row, which its quantiser does not.
        return tensors, within(exact, _dequantize_4bit_compute(
            packed.reshape(-1), greatest, state.code, 64, (rows, columns), torch.float32))
    return make


def bnb8(module, rows, columns):
    weight, scale = bits(rows, columns).view(torch.int8), scales((rows,), 0.5, torch.float32)
    exact = double(weight) * double(scale)[:, None] * float(numpy.float32(7.874015718698502e-3))
    return {".weight": weight, ".SCB": scale, ".weight_format": torch.tensor(0, dtype=torch.uint8)}, within(
        exact, bnb.int8_vectorwise_dequant(weight, scale), roundings=2)


def fours(packed):
    byte = packed.numpy()
    return E2M1[numpy.stack([byte & 15, byte >> 4], -1).reshape(byte.shape[0], -1)]


def positive(tensor):
    """FP8 without zeros, all above 0."""
    byte = tensor.view(torch.uint8) & 127
    return torch.where(byte == 0, 1, byte).to(torch.uint8).view(torch.float8_e4m3fn)


def ct_nvfp4(module, rows, columns):
    tensors = {".weight_packed": bits(rows, columns // 2), ".weight_scale": positive(fp8(rows, columns // 16)),
        ".weight_global_scale": scales((1,), 700, torch.float32), ".input_global_scale": torch.ones(1)}
    own = decompressed("nvfp4-pack-quantized", tensors, num_bits=4, type="float", strategy="tensor_group", group_size=16)
    divided = (tensors[".weight_scale"].float() / tensors[".weight_global_scale"]).double().numpy()
    exact = fours(tensors[".weight_packed"]) * divided.repeat(16, 1)
    # The library's result is rounded to bfloat16.
    assert torch.equal(torch.from_numpy(exact).float().to(torch.bfloat16), own.to(torch.bfloat16))
    return tensors, exact


def ct_mxfp4(module, rows, columns):
    tensors = {".weight_packed": bits(rows, columns // 2), ".weight_scale": bits(rows, columns // 32, high=4) + 122}
    exact = fours(tensors[".weight_packed"]) * (2.0**(tensors[".weight_scale"].numpy().astype(int) - 127)).repeat(32, 1)
    own = decompressed("mxfp4-pack-quantized", tensors, num_bits=4, type="float", strategy="group", group_size=32)
    return tensors, within(exact, own.float(), roundings=0)


def modelopt(module, rows, columns):
    tensors = {".weight": bits(rows, columns // 2), ".weight_scale": positive(fp8(rows, columns // 16)),
        ".weight_scale_2": scales((), 2**-10, torch.float32), ".input_scale": torch.tensor(1.0)}
    exact = fours(tensors[".weight"]) * double(tensors[".weight_scale"]).repeat(16, 1) * double(tensors[".weight_scale_2"])
    own = torch.from_numpy(fours(tensors[".weight"])).float() * (
        tensors[".weight_scale"].float() * tensors[".weight_scale_2"]).repeat_interleave(16, 1)
    return tensors, within(exact, own, roundings=2)


def modelopt_fp8(module, rows, columns):
    tensors = {".weight": fp8(rows, columns), ".weight_scale": scales((), 2**-9, torch.float32), ".input_scale": torch.tensor(1.0)}
    return tensors, double(tensors[".weight"]) * double(tensors[".weight_scale"])


MIXED = {"self_attn.q_proj": 2, "self_attn.k_proj": 3, "self_attn.v_proj": 8, "mlp.gate_proj": 5, "mlp.down_proj": 6}


def mlx(type, mixed):
    def make(module, rows, columns):
        width = next((width for end, width in MIXED.items() if mixed and module.endswith(end)), 4)
        scale, bias = scales((rows, columns // 32), 2.0**(-width), type), -scales((rows, columns // 32), 0.5, type)
        tensors = {".weight": words(rows, columns * width // 32).view(torch.uint32), ".scales": scale, ".biases": bias}
        arrays = [mx.array(double(tensor).astype(numpy.float32)) for tensor in (scale, bias)]
        own = mx.dequantize(mx.array(tensors[".weight"].numpy()), *arrays, group_size=32, bits=width)
        number = codes(tensors[".weight"].view(torch.int32), width, columns, 1)
        product = number * double(scale).repeat(32, 1)
        exact = product + double(bias).repeat(32, 1)
        return tensors, within(exact, numpy.array(own).astype(float), size=numpy.abs(product) + numpy.abs(exact))
    return make


def mlx_floats(module, rows, columns):
    mode, size, width = next((value for end, value in FLOATS.items() if module.endswith(end)), ("mxfp4", 32, 4))
    tensors = {".weight": words(rows, columns * width // 32).view(torch.uint32), ".scales": bits(rows, columns // size, high=4) + (
        0x38 if mode == "nvfp4" else 118)}
    if width == 8:
        byte = tensors[".weight"].view(torch.uint8)
        byte[byte & 127 == 127] ^= 1
    own = mx.dequantize(mx.array(tensors[".weight"].numpy()), mx.array(tensors[".scales"].numpy()), group_size=size, bits=width, mode=mode,
        dtype=mx.float32)
    number = codes(tensors[".weight"].view(torch.int32), width, columns, 1)
    table = E2M1 if width == 4 else double(torch.arange(256).to(torch.uint8).view(torch.float8_e4m3fn))
    scale = double(tensors[".scales"].view(torch.float8_e4m3fn)) if mode == "nvfp4" else 2.0**(tensors[".scales"].numpy().astype(int) - 127)
    return tensors, within(table[number] * scale.repeat(size, 1), numpy.array(own).astype(float), roundings=0)


FLOATS = {"self_attn.k_proj": ("nvfp4", 16, 4), "mlp.down_proj": ("mxfp8", 32, 8)}


def groups(**schemes):
    return dict(config_groups={name: dict(targets=[".*"], weights=members) for name, members in schemes.items()})


def compressed(format, **members):
    return dict(quantization_config=dict(
        quant_method="compressed-tensors", format=format, quantization_status="compressed", ignore=["lm_head"],
        kv_cache_scheme=None, **groups(**members)))


def method(name, **members):
    return dict(quantization_config=dict(quant_method=name, **members))


CONTAINERS = {
    "fp8": (fp8_blocks, method("fp8", activation_scheme="dynamic", fmt="e4m3", weight_block_size=[24, 12])),
    "ctfp8": (ct_fp8, compressed("float-quantized", a=dict(num_bits=8, type="float", strategy="channel"),
        b=dict(num_bits=8, type="float", strategy="tensor"), c=dict(num_bits=8, type="float", strategy="group", group_size=16))),
    "ctint8": (ct_int8, compressed("int-quantized", a=dict(num_bits=8, type="int", strategy="channel", symmetric=False))),
    "ctpack4": (ct_packed(4, 16, torch.bfloat16, False, True), compressed(
        "pack-quantized", a=dict(num_bits=4, type="int", strategy="group", group_size=16, symmetric=False))),
    "ctpack3": (ct_packed(3, None, torch.float32, True), compressed(
        "pack-quantized", a=dict(num_bits=3, type="int", strategy="channel", symmetric=True))),
    "gptq4": (gptq(4, 16, 1, True), method("gptq", bits=4, group_size=16, desc_act=True, sym=False)),
    "gptq8": (gptq(8, 32, 2, False, torch.float32), method("gptq", bits=8, group_size=32, desc_act=False, checkpoint_format="gptq_v2")),
    "gptq3": (gptq(3, 32, 2, False, torch.bfloat16), method("gptq", bits=3, group_size=32, checkpoint_format="gptq_v2")),
    "gptq2": (gptq(2, 32, 1, False), method("gptq", bits=2, group_size=32, checkpoint_format="gptq")),
    "awq": (awq, method("awq", bits=4, group_size=16, version="gemm", zero_point=True)),
    "nf4": (bnb4("nf4", True), method("bitsandbytes", load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_use_double_quant=True)),
    "fp4": (bnb4("fp4", False), method("bitsandbytes", load_in_4bit=True, bnb_4bit_quant_type="fp4")),
    "bnb8": (bnb8, method("bitsandbytes", load_in_8bit=True, llm_int8_threshold=6.0)),
    "nvfp4": (ct_nvfp4, compressed("nvfp4-pack-quantized", a=dict(num_bits=4, type="float", strategy="tensor_group", group_size=16))),
    "mxfp4": (ct_mxfp4, compressed("mxfp4-pack-quantized", a=dict(num_bits=4, type="float", strategy="group", group_size=32))),
    "modelopt": (modelopt, method("modelopt", quant_algo="NVFP4", ignore=["lm_head"])),
    "modeloptfp8": (modelopt_fp8, method("modelopt", quant_algo="FP8")),
    "mlx": (mlx(torch.float16, False), dict(quantization=dict(group_size=32, bits=4))),
    "mlxmixed": (mlx(torch.bfloat16, True), dict(quantization=dict(group_size=32, bits=4) | {
        f"model.layers.0.{end}": dict(group_size=32, bits=width) for end, width in MIXED.items()})),
    "mlxfloats": (mlx_floats, dict(quantization=dict(group_size=32, bits=4, mode="mxfp4") | {
        f"model.layers.0.{end}": dict(group_size=size, bits=width, mode=mode) for end, (mode, size, width) in FLOATS.items()})),
}


def experts():
    """Makes the folder of a mixture of experts, each matrix of them in FP8 by itself: `tiny-qwen3moe` with other matrices."""
    source, folder = (pathlib.Path(__file__).parent / name for name in ("tiny-qwen3moe", "quantised-fp8moe"))
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    tensors, exact = {}, {}
    for key, plain in load_file(source / "model.safetensors").items():
        if key.endswith("_proj.weight"):
            own, matrix = fp8_blocks(None, *plain.shape)
            tensors |= {key.removesuffix(".weight") + end: tensor for end, tensor in own.items()}
            exact[key] = torch.from_numpy(matrix)
        else:
            tensors[key], exact[key] = plain, plain.double()
    config = json.loads((source / "config.json").read_text())
    with tempfile.TemporaryDirectory() as place, Float64(), torch.no_grad():
        (pathlib.Path(place) / "config.json").write_text(json.dumps(config))
        save_file(exact, pathlib.Path(place) / "model.safetensors", metadata=dict(format="pt"))
        model = AutoModelForCausalLM.from_pretrained(
            place, dtype=torch.float64, attn_implementation="eager", experts_implementation="eager").eval()
        logits = model(torch.tensor([TOKENS])).logits[0]
    assert logits.dtype == torch.float64 and logits.isfinite().all()
    (folder / "config.json").write_text(json.dumps(config | CONTAINERS["fp8"][1], indent=2) + "\n")
    save_file(tensors, folder / "model.safetensors", metadata=dict(format="pt"))
    checked = {key: exact[key] for key in exact if key.endswith("experts.5.down_proj.weight")}
    save_file(checked | dict(logits=logits.contiguous()), folder / "exact.safetensors")
    print("fp8moe", sum(file.stat().st_size for file in folder.iterdir()), "bytes, logits up to", logits.abs().max().item())


def seed(folder, tensors):
    """Puts one matrix of a folder into the corpus of the readers' fuzzing."""
    module = f"model.layers.0.{CHECKED[0]}"
    matrix = {key: tensor.contiguous() for key, tensor in tensors.items() if key.startswith(module)}
    config = json.dumps(json.loads((folder / "config.json").read_text()), separators=(",", ":"))
    data = b"w" + config.encode() + bytes(1) + save(matrix)
    (pathlib.Path(__file__).parents[2] / "Fuzz/huggingface" / hashlib.sha1(data).hexdigest()).write_bytes(data)


def main(awq_folder, gptq_folder, *names):
    global AWQ, GPTQ
    AWQ = functions(pathlib.Path(awq_folder) / "awq/utils/packing_utils.py",
        ["unpack_awq", "reverse_awq_order", "dequantize_gemm"], torch=torch, AWQ_REVERSE_ORDER=[0, 4, 1, 5, 2, 6, 3, 7])
    GPTQ = functions(pathlib.Path(gptq_folder) / "gptqmodel/nn_modules/qlinear/__init__.py",
        ["dequantize_weight", "_dequantize_from_codes"], t=torch,
        _torch_right_shift=torch.bitwise_right_shift, _torch_left_shift=torch.bitwise_left_shift)
    if not names or "fp8moe" in names: experts()
    for name in [name for name in names if name != "fp8moe"] if names else CONTAINERS:
        make, statement = CONTAINERS[name]
        globals()["RANDOM"] = numpy.random.default_rng(list(CONTAINERS).index(name))
        torch.manual_seed(7)
        # gptqmodel packs outputs of three bits by 32.
        config = AutoConfig.for_model("llama", **SIZES | (dict(num_key_value_heads=4) if name == "gptq3" else {}))
        config._attn_implementation = "eager"
        tensors, exact = {}, {}
        with torch.device("meta"):
            state = AutoModelForCausalLM.from_config(config).state_dict()
        for key, parameter in state.items():
            module, _, _ = key.rpartition(".")
            is_linear = "_proj" in key or "mlx" in name and parameter.dim() == 2
            if is_linear:
                own, matrix = make(module, *parameter.shape)
                tensors |= {module + end: tensor for end, tensor in own.items()}
                exact[key] = torch.from_numpy(numpy.ascontiguousarray(matrix))
            else:
                plain = ((parameter.dim() == 1) + 0.4 * torch.randn(parameter.shape) * 1024).round() / 1024
                tensors[key] = plain
                exact[key] = plain.double()
        with Float64(), torch.no_grad():
            model = AutoModelForCausalLM.from_config(config, attn_implementation="eager", dtype=torch.float64).eval()
            model.load_state_dict(exact, strict=True)
            logits = model(torch.tensor([TOKENS])).logits[0]
        assert logits.dtype == torch.float64 and logits.isfinite().all()
        folder = pathlib.Path(__file__).parent / f"quantised-{name}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        stated = {key: value for key, value in config.to_dict().items() if key in SIZES or key in ("model_type", "hidden_act")}
        (folder / "config.json").write_text(json.dumps(stated | statement, indent=2) + "\n")
        save_file({key: tensor.contiguous() for key, tensor in tensors.items()}, folder / "model.safetensors", metadata=dict(format="pt"))
        checked = {f"model.layers.0.{module}.weight": exact[f"model.layers.0.{module}.weight"] for module in CHECKED}
        save_file(checked | dict(logits=logits.contiguous()), folder / "exact.safetensors")
        seed(folder, tensors)
        print(name, sum(file.stat().st_size for file in folder.iterdir()), "bytes, logits up to", logits.abs().max().item())


if __name__ == "__main__":
    main(*sys.argv[1:])
