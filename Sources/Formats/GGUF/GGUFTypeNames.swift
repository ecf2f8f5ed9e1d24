/// The names of `ggml_type` codes, so that a tensor which cannot be read is refused by name.
enum GGUFTypeNames {
  /// The name of `code`.
  static func name(of code: UInt32) -> String { names[code] ?? "the unknown type \(code)" }

  private static let names: [UInt32: String] = [
    9: "Q8_1", 15: "Q8_K", 24: "I8", 25: "I16", 26: "I32", 27: "I64", 41: "Q1_0", 42: "Q2_0",
  ]
}
