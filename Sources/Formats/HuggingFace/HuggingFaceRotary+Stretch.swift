import PlumbModel

extension HuggingFaceRotary {
  /// The number whose square multiplies the scale of attention, where the angles are scaled and a member `mscale_all_dim` says so.
  ///
  /// Source: `yarn_apply_mscale` in the classes of DeepSeek in huggingface/transformers.
  var stretch: RotaryMagnitude {
    get throws(ModelError) {
      let json = keys.json["rope_scaling"] == .null ? keys.json["rope_parameters"] : keys.json["rope_scaling"]
      let kind = json["rope_type"] == .null ? json["type"] : json["rope_type"]
      let weight = json["mscale_all_dim"]
      guard ![.null, .string("default")].contains(kind), ![.null, .number(0)].contains(weight) else {
        return .number(1)
      }
      guard let factor = json["factor"].positive, let weight = weight.positive else {
        throw ModelError(
          file: keys.file,
          problem: "key 'factor' is \(json["factor"].shown) beside 'mscale_all_dim' \(weight.shown), expected two "
            + "positive numbers",
          remedy: "use a model that says how its attention is scaled")
      }
      return factor > 1 ? .logarithms(factor: factor, numerator: weight) : .number(1)
    }
  }
}
