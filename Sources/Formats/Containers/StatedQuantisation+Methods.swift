import PlumbModel

// The options of each method: those that say how tensors are stored, those that only say how they were made or how an engine may
// compute with them, and those that would change what they mean.
extension StatedQuantisation {
  /// Matrices that stay plain are known by having no scales.
  private static let plainModules: Set<String> = ["quant_method", "modules_to_not_convert", "ignored_layers", "ignore"]

  func ofFP8() throws(ModelError) -> [any WeightContainer] {
    try refuseOthers(
      Self.plainModules.union([
        "activation_scheme", "weight_block_size", "scale_fmt", "dequantize", "modules_to_convert",
      ]),
      fixed: ["fmt": [.string("e4m3"), .string("float8_e4m3fn")], "expert_dtype": [.string("fp8")]])
    var grids = [ScaleGrid.tensor]
    if let (height, width) = try extents("weight_block_size") {
      grids = [.block(height, width)]
    } else {
      grids.append(.channel)
    }
    return [
      ScaledCodes(scale: ".weight_scale_inv", grids: grids), ScaledCodes(scale: ".weight_scale", grids: grids),
    ]
  }

  func ofGPTQ() throws(ModelError) -> [any WeightContainer] {
    try refuseOthers(
      Self.plainModules.union([
        "bits", "group_size", "checkpoint_format", "format", "desc_act", "sym", "lm_head", "meta", "true_sequential",
        "static_groups", "damp_percent", "damp_auto_increment", "mse", "model_name_or_path", "model_file_base_name",
        "quantization_uri", "use_exllama", "disable_exllama", "exllama_config", "use_cuda_fp16", "max_input_length",
        "dataset", "tokenizer", "model_seqlen", "block_name_to_quantize", "module_name_preceding_first_block",
        "batch_size",
        "pad_token_id", "cache_block_outputs", "modules_in_block_to_quantize", "backend",
      ]),
      fixed: [
        "is_marlin_format": [.bool(false)], "pack_dtype": [.string("int32")], "dynamic": [.object([:])],
        "rotation": [.string("")], "adapter": [],
      ])
    let name = json["checkpoint_format"] == .null ? "format" : "checkpoint_format"
    let version = try word(name, among: ["gptq", "gptq_v2"], otherwise: "gptq")
    let bits = try count("bits", among: 2...8)
    guard [2, 3, 4, 8].contains(bits) else { throw fault("bits", "2, 3, 4 or 8") }
    return [GPTQ(bits: bits, groupSize: try groupSize(otherwise: 128), isFirstVersion: version == "gptq")]
  }

  func ofAWQ() throws(ModelError) -> [any WeightContainer] {
    try refuseOthers(
      Self.plainModules.union([
        "group_size", "backend", "do_fuse", "fuse_max_seq_len", "modules_to_fuse", "exllama_config", "desc_act", "sym",
        "meta",
        "lm_head",
      ]),
      fixed: [
        "bits": [.number(4)], "zero_point": [.bool(true)], "version": [.string("gemm"), .string("GEMM")],
        "checkpoint_format": [.string("gemm")], "format": [.string("gemm")], "pack_dtype": [.string("int32")],
        "dynamic": [.object([:])],
      ])
    return [AWQ(groupSize: try groupSize(otherwise: 128))]
  }

  func ofBitsAndBytes() throws(ModelError) -> [any WeightContainer] {
    try refuseOthers(
      Self.plainModules.union([
        "load_in_4bit", "load_in_8bit", "_load_in_4bit", "_load_in_8bit", "bnb_4bit_compute_dtype",
        "bnb_4bit_quant_type",
        "bnb_4bit_use_double_quant", "llm_int8_enable_fp32_cpu_offload", "llm_int8_skip_modules", "llm_int8_threshold",
      ]),
      fixed: ["bnb_4bit_quant_storage": [.string("uint8")], "llm_int8_has_fp16_weight": [.bool(false)]])
    if try flag("load_in_8bit", otherwise: false) {
      // The library multiplies by the Float32 next to 1/127.
      return [
        ScaledCodes(
          scale: ".SCB", grids: [.channel], layout: ".weight_format", factor: Double(Float(7.874015718698502e-3)))
      ]
    }
    let levels = try word("bnb_4bit_quant_type", among: ["fp4", "nf4"], otherwise: "fp4")
    return BitsAndBytes4.Levels(rawValue: levels).map { [BitsAndBytes4(levels: $0)] } ?? []
  }

  func ofModelOpt() throws(ModelError) -> [any WeightContainer] {
    try refuseOthers(
      Self.plainModules.union([
        "quant_algo", "config_groups", "producer", "kv_cache_scheme", "exclude_modules", "group_size",
      ]),
      fixed: ["kv_cache_quant_algo": []])
    guard json["kv_cache_scheme"] == .null else {
      throw fault("kv_cache_scheme", "null: a cache is rounded by no model")
    }
    switch try word("quant_algo", among: ["fp8", "nvfp4"]) {
    case "fp8": return [ScaledCodes(scale: ".weight_scale", grids: [.tensor])]
    default:
      let size = try count("group_size", among: 1...1 << 20, otherwise: 16)
      return [FourBitFloats(codes: ".weight", groupSize: size, whole: (".weight_scale_2", false))]
    }
  }

  func ofMLX() throws(ModelError) -> [any WeightContainer] {
    guard case .object(let members) = json else { throw fault("bits", "a number") }
    let own: Set<String> = ["bits", "group_size", "mode", "quant_method", "linear_class", "quantization_mode"]
    func setting(_ stated: StatedQuantisation, otherwise usual: JSONValue) throws(ModelError) -> MLX.Setting {
      let modes = MLX.Mode.allCases.map(\.rawValue)
      let word = try stated.word("mode", among: modes, otherwise: usual["mode"].text ?? "affine")
      let mode = MLX.Mode(rawValue: word) ?? .affine
      let bits = try stated.count("bits", among: 2...8, otherwise: usual["bits"].integer ?? (mode == .mxfp8 ? 8 : 4))
      let accepted = mode == .affine ? [2, 3, 4, 5, 6, 8] : [mode == .mxfp8 ? 8 : 4]
      guard accepted.contains(bits) else {
        throw stated.fault("bits", accepted.map(String.init).joined(separator: " or "))
      }
      let size = mode == .affine ? 64 : mode == .nvfp4 ? 16 : 32
      return MLX.Setting(
        mode: mode, bits: bits,
        groupSize: try stated.count("group_size", among: 1...1 << 20, otherwise: usual["group_size"].integer ?? size))
    }
    var named: [String: MLX.Setting] = [:]
    for (name, value) in members.sorted(by: { $0.key < $1.key }) where !own.contains(name) {
      // A module that stays plain has no scales; one with values of its own has an object.
      guard value.truth == nil else { continue }
      try inner(name).refuseOthers(["bits", "group_size", "mode"])
      named[name] = try setting(inner(name), otherwise: json)
    }
    return [MLX(usual: try setting(self, otherwise: .null), named: named)]
  }
}
