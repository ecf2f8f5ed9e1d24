import Foundation
import PlumbFormats
import Testing

/// Folders of quantised matrices with a fault: each is refused in a line that names the tensor or the key.
@Suite struct ContainerRefusalTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Fixtures")
  private static let module = "model.layers.0.self_attn.k_proj"

  private func path(_ name: String) -> String {
    Self.folder.appending(path: "quantised-\(name)").path(percentEncoded: false)
  }

  /// A part of `k_proj`, the bytes that are put in from a place on, and what is said.
  struct Damage: Sendable, CustomTestStringConvertible {
    let container, part: String
    let place: Int
    let bytes: [UInt8]
    var words = "NaN, infinite or zero"
    var testDescription: String { "\(container)\(part) \(bytes)" }
  }

  static let damages = [
    // Float32: NaN, infinity and 0 at element 1; one beyond what the codes may be multiplied by, and one below.
    Damage(container: "fp8", part: ".weight_scale_inv", place: 4, bytes: [0, 0, 0xc0, 0x7f]),
    Damage(container: "fp8", part: ".weight_scale_inv", place: 4, bytes: [0, 0, 0x80, 0xff]),
    Damage(container: "fp8", part: ".weight_scale_inv", place: 4, bytes: [0, 0, 0, 0]),
    Damage(container: "fp8", part: ".weight_scale_inv", place: 4, bytes: [0, 0, 0, 0x7c], words: "beyond"),
    Damage(container: "fp8", part: ".weight_scale_inv", place: 4, bytes: [0, 0, 0, 0x04], words: "beyond"),
    Damage(container: "fp8", part: ".weight", place: 1, bytes: [0x7f], words: "NaN or infinity at element 1"),
    Damage(container: "ctint8", part: ".weight_scale", place: 2, bytes: [0, 0]),
    Damage(container: "ctint8", part: ".weight_scale", place: 2, bytes: [0, 0x7f], words: "beyond"),
    Damage(container: "ctpack4", part: ".weight_scale", place: 2, bytes: [0xc0, 0x7f]),
    Damage(container: "ctpack4", part: ".weight_shape", place: 0, bytes: [15], words: "weight_packed"),
    Damage(container: "ctpack4", part: ".weight_shape", place: 7, bytes: [0x80], words: "no shape"),
    Damage(container: "gptq4", part: ".scales", place: 2, bytes: [0, 0x7c]),
    Damage(container: "gptq4", part: ".qzeros", place: 0, bytes: [0xff], words: "zero less 1 of all ones"),
    Damage(
      container: "gptq4", part: ".g_idx", place: 4, bytes: [2], words: "holds 2 at element 1, but there are 2 groups"),
    Damage(container: "gptq4", part: ".g_idx", place: 7, bytes: [0xff], words: "at element 1"),
    Damage(container: "awq", part: ".scales", place: 2, bytes: [1, 0x7c]),
    Damage(container: "nf4", part: ".weight.nested_absmax", place: 2, bytes: [0x80, 0x7f]),
    Damage(container: "nf4", part: ".weight.quant_map", place: 4, bytes: [1], words: "levels of nf4"),
    Damage(
      container: "nf4", part: ".weight.quant_state.bitsandbytes__nf4", place: 0, bytes: [0x5b], words: "quant_state"),
    Damage(container: "fp4", part: ".weight.absmax", place: 2, bytes: [0xc0, 0x7f]),
    Damage(container: "bnb8", part: ".SCB", place: 6, bytes: [0x80, 0x7f]),
    Damage(container: "nvfp4", part: ".weight_scale", place: 1, bytes: [0]),
    Damage(container: "nvfp4", part: ".weight_scale", place: 1, bytes: [0x7f]),
    Damage(container: "nvfp4", part: ".weight_global_scale", place: 0, bytes: [0, 0, 0, 0]),
    Damage(container: "nvfp4", part: ".weight_global_scale", place: 0, bytes: [0, 0, 0, 0x7f], words: "beyond"),
    Damage(container: "mxfp4", part: ".weight_scale", place: 1, bytes: [255]),
    Damage(container: "modelopt", part: ".weight_scale_2", place: 2, bytes: [0xc0, 0x7f]),
    Damage(container: "bnb8", part: ".weight_format", place: 0, bytes: [1], words: "order of elements"),
    Damage(container: "mlxfloats", part: ".scales", place: 1, bytes: [0x7f]),
    Damage(container: "mlx", part: ".scales", place: 2, bytes: [0, 0xfc]),
    Damage(container: "mlx", part: ".biases", place: 2, bytes: [0, 0xfc]),
  ]

  @Test(arguments: damages) func aDamagedPartIsNamed(damage: Damage) throws {
    let text = try EditedFolder.refusal(
      path(damage.container), weights: EditedFolder.poke(Self.module + damage.part, at: damage.place, damage.bytes))
    #expect(text.contains(damage.words) && text.contains(Self.module), "\(text)")
    if damage.words.contains("NaN, inf"), !damage.part.hasSuffix("absmax") {
      #expect(text.contains(damage.part), "\(text)")
    }
  }

  @Test func aNumberThatFloat64DoesNotHoldIsRefused() throws {
    // A scale of 2^−100 beside a bias near −½.
    let text = try EditedFolder.refusal(
      path("mlxmixed"), weights: EditedFolder.poke(Self.module + ".scales", at: 0, [0x80, 0x0d]))
    #expect(text.contains(".biases") && text.contains("too far from its scale"), "\(text)")
  }

  /// A container, a part, and the one that is missing where the part has another name.
  @Test(arguments: [
    ("fp8", ".weight_scale_inv", "….weight_scale_inv"), ("fp8", ".weight", "'"), ("ctpack4", ".weight_scale", "'"),
    ("ctpack4", ".weight_shape", "'"), ("ctpack4", ".weight_zero_point", "'"), ("ctint8", ".weight_zero_point", "'"),
    ("gptq4", ".qzeros", "'"), ("gptq4", ".scales", "'"), ("gptq4", ".qweight", "….qweight"), ("awq", ".qzeros", "'"),
    ("nf4", ".weight.nested_quant_map", "'"), ("nf4", ".weight.absmax", "'"), ("bnb8", ".SCB", "….SCB"),
    ("nvfp4", ".weight_global_scale", "'"), ("modelopt", ".weight_scale_2", "….weight_scale_2"),
    ("mlx", ".biases", "'"),
  ])
  func aMissingPartIsNamed(container: String, part: String, words: String) throws {
    let name = "\"\(Self.module)\(part)\""
    let text = try EditedFolder.refusal(
      path(container), weights: EditedFolder.rename(name, String(name.dropLast(3)) + "zz\""))
    #expect(text.contains(words == "'" ? "\(part)' is missing" : words), "\(text)")
    #expect(text.contains(Self.module), "\(text)")
  }

  /// A container, an extent of its `k_proj` and another of as many bytes, and the part of which it is said.
  @Test(arguments: [
    ("ctpack4", "\"shape\":[16,4]", "\"shape\":[4,16]", ".weight_packed"),
    ("ctfp8", "\"shape\":[16,1]", "\"shape\":[2,8] ", ".weight_scale"),
    ("gptq8", "\"shape\":[1,16]", "\"shape\":[16,1]", ".scales"),
    ("awq", "\"shape\":[32,2]", "\"shape\":[2,32]", ".scales"),
  ])
  func aPartOfWrongShapeIsNamed(container: String, old: String, new: String, part: String) throws {
    let text = try EditedFolder.refusal(path(container)) { data in
      let name = try #require(data.firstRange(of: Data("\"\(Self.module)".utf8)))
      let place = try #require(data[name.lowerBound...].firstRange(of: Data(old.utf8)))
      data.replaceSubrange(place, with: Data(new.utf8))
    }
    #expect(text.contains("k_proj") && text.contains("has shape"), "\(text)")
  }

  /// A container, an edit of its configuration, and the key that is named.
  @Test(arguments: [
    ("fp8", "\"fp8\"", "\"hqq\"", "quantization_config.quant_method"),
    ("fp8", "\"activation_scheme\"", "\"weight_rotation\"", "quantization_config.weight_rotation"),
    ("fp8", "\"e4m3\"", "\"e5m2\"", "quantization_config.fmt"),
    ("ctfp8", "\"float-quantized\"", "\"marlin-24\"", "quantization_config.format"),
    ("ctfp8", "\"compressed\"", "\"frozen\"", "quantization_status"),
    ("ctfp8", "\"kv_cache_scheme\": null", "\"kv_cache_scheme\": {\"num_bits\": 8}", "kv_cache_scheme"),
    ("ctfp8", "\"kv_cache_scheme\": null", "\"transform_config\": {\"R1\": {}}", "transform_config.R1"),
    ("ctfp8", "\"kv_cache_scheme\": null", "\"sparsity_config\": {\"format\": \"bitmask\"}", "sparsity_config.format"),
    ("ctpack4", "\"num_bits\": 4", "\"num_bits\": 9", "config_groups.a.weights.num_bits"),
    ("ctpack4", "\"num_bits\": 4", "\"num_bits\": 5", "weight_packed"),
    ("ctpack4", "\"group_size\": 16", "\"group_size\": 8", "weight_scale"),
    ("gptq4", "\"bits\": 4", "\"bits\": 5", "quantization_config.bits"),
    ("gptq4", "\"desc_act\": true", "\"checkpoint_format\": \"marlin\"", "checkpoint_format"),
    ("gptq4", "\"desc_act\": true", "\"dynamic\": {\"x\": {\"bits\": 8}}", "quantization_config.dynamic"),
    ("awq", "\"gemm\"", "\"gemv\"", "quantization_config.version"),
    ("awq", "\"zero_point\": true", "\"zero_point\": false", "quantization_config.zero_point"),
    ("nf4", "\"nf4\"", "\"af4\"", "bnb_4bit_quant_type"),
    ("modelopt", "\"NVFP4\"", "\"W4A8_AWQ\"", "quantization_config.quant_algo"),
    ("mlx", "\"bits\": 4", "\"bits\": 7", "quantization.bits"),
    ("mlx", "\"group_size\": 32", "\"mode\": \"nf4\"", "quantization.mode"),
    ("mlxfloats", "\"bits\": 8", "\"bits\": 4", "down_proj.bits"),
    ("ctpack4", "\"strategy\": \"group\"", "\"strategy\": \"block\", \"block_structure\": [16, 16]", "weight_scale"),
    ("mlxmixed", "\"bits\": 5", "\"bits\": 5, \"scale\": 2", "gate_proj.scale"),
  ])
  func anOptionThatIsNotKnownIsNamed(container: String, old: String, new: String, key: String) throws {
    let text = try EditedFolder.refusal(path(container), config: [(old, new)])
    #expect(text.contains(key), "\(text)")
  }
}
