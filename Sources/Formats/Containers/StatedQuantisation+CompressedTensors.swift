import PlumbModel

extension StatedQuantisation {
  /// The containers of compressed-tensors: one, or one for each format of its groups.
  func ofCompressedTensors() throws(ModelError) -> [any WeightContainer] {
    try refuseOthers(
      [
        "quant_method", "config_groups", "format", "ignore", "global_compression_ratio", "version",
        "moe_sparsity_config",
        "sparsity_config", "transform_config",
      ],
      fixed: ["quantization_status": [.string("compressed")], "kv_cache_scheme": [.object([:])]])
    try inner("sparsity_config").refuseUnless(
      ["format": [.string("dense")]], among: ["format", "registry_requires_subclass"])
    for name in ["transform_config", "moe_sparsity_config"] { try inner(name).refuseUnless([:], among: []) }
    guard case .object(let members) = json["config_groups"], !members.isEmpty else {
      throw fault("config_groups", "an object of groups")
    }
    let format = try word("format", among: Scheme.formats + ["mixed-precision"])
    var schemes: [String: [Scheme]] = [:]
    for name in members.keys.sorted() {
      let group = inner("config_groups").inner(name)
      try group.refuseOthers(["targets", "weights", "input_activations", "output_activations", "format"])
      let own = try group.word("format", among: Scheme.formats, otherwise: format)
      if group.json["weights"] != .null { schemes[own, default: []].append(try Scheme(group.inner("weights"))) }
    }
    var containers: [any WeightContainer] = []
    for (format, schemes) in schemes.sorted(by: { $0.key < $1.key }) {
      containers.append(try container(format, schemes))
    }
    return containers
  }

  /// Refuses an object that has members with other values than those in `fixed`.
  private func refuseUnless(_ fixed: [String: [JSONValue]], among known: Set<String>) throws(ModelError) {
    if json != .null { try refuseOthers(known, fixed: fixed) }
  }

  private func container(_ format: String, _ schemes: [Scheme]) throws(ModelError) -> any WeightContainer {
    let grids = schemes.map(\.grid)
    let needsZeroPoints = schemes.allSatisfy { !$0.isSymmetric }
    switch format {
    case "pack-quantized":
      return PackedCodes(bits: Set(schemes.map(\.bits)), grids: grids, needsZeroPoints: needsZeroPoints)
    case "nvfp4-pack-quantized", "mxfp4-pack-quantized":
      let isNVIDIA = format.hasPrefix("nvfp4")
      return FourBitFloats(
        codes: ".weight_packed", groupSize: isNVIDIA ? 16 : 32, whole: isNVIDIA ? (".weight_global_scale", true) : nil)
    default:
      return ScaledCodes(
        scale: ".weight_scale", grids: grids, zeroPoint: (".weight_zero_point", needsZeroPoints))
    }
  }

  /// How the matrices of a group are quantised.
  private struct Scheme {
    static let formats = [
      "float-quantized", "int-quantized", "mxfp4-pack-quantized", "naive-quantized", "nvfp4-pack-quantized",
      "pack-quantized",
    ]

    let bits: Int
    let grid: ScaleGrid
    let isSymmetric: Bool

    init(_ stated: StatedQuantisation) throws(ModelError) {
      try stated.refuseOthers([
        "num_bits", "type", "symmetric", "group_size", "strategy", "block_structure", "actorder", "observer",
        "observer_kwargs", "scale_dtype", "zp_dtype", "dynamic",
      ])
      guard try !stated.flag("dynamic", otherwise: false) else { throw stated.fault("dynamic", "false") }
      _ = try stated.word("type", among: ["int", "float"], otherwise: "int")
      bits = try stated.count("num_bits", among: 1...8, otherwise: 8)
      isSymmetric = try stated.flag("symmetric", otherwise: true)
      let size = try stated.groupSize(otherwise: 0x4000_0000)
      let usual = size == 0x4000_0000 ? "tensor" : size == nil ? "channel" : "group"
      switch try stated.word(
        "strategy", among: ["tensor", "channel", "group", "tensor_group", "block"], otherwise: usual)
      {
      case "tensor": grid = .tensor
      case "channel": grid = .channel
      case "block":
        guard let (height, width) = try stated.extents("block_structure") else {
          throw stated.fault("block_structure", "two counts")
        }
        grid = .block(height, width)
      default:
        guard let size, size < 0x4000_0000 else { throw stated.fault("group_size", "a count") }
        grid = .group(size)
      }
    }
  }
}
