/// The blocks that see a window of positions only, as a `config.json` states them.
struct HuggingFaceWindows: Sendable {
  /// The window; `nil` where no block has one.
  private let size: Int?
  /// Whether each block has it, where the file lists them.
  private var listed: [Bool]?
  /// The first block that has it, and of how many the last does not, where the file lists none.
  private var (first, period) = (0, 0)
  /// The place among each `period` blocks of the one that does not.
  private var whole = 0

  /// Reads the `members` of the file by the rule of a family.
  ///
  /// - Throws: what `fault` makes of a key and of what was expected.
  init(
    _ members: [String: JSONValue], _ rule: Family.Window, blocks: Int,
    _ fault: (_ key: String, _ expected: String) -> ModelError
  ) throws(ModelError) {
    func window(otherwise: Int?) throws(ModelError) -> Int? {
      guard let stated = members["sliding_window"] else { return otherwise }
      if stated == .null { return nil }
      guard let size = stated.integer, size > 0 else { throw fault("sliding_window", "a positive number or null") }
      return size
    }
    func count(_ key: String, otherwise: Int, from least: Int) throws(ModelError) -> Int {
      let stated = members[key] ?? .null
      guard let number = stated == .null ? otherwise : stated.integer, number >= least else {
        throw fault(key, "a number from \(least) up")
      }
      return number
    }
    func types() throws(ModelError) -> [Bool]? {
      try members["layer_types"]?.elements.map { types throws(ModelError) in
        let words = types.compactMap(\.text)
        guard words.count == blocks, words.allSatisfy(["full_attention", "sliding_attention"].contains) else {
          throw fault("layer_types", "'full_attention' or 'sliding_attention' for each of \(blocks) blocks")
        }
        return words.map { $0 == "sliding_attention" }
      }
    }
    switch rule {
    case .none: size = nil
    case .everywhere(let otherwise): size = try window(otherwise: otherwise)
    case .chosen(let otherwise, let usual):
      let isUsed = members["use_sliding_window"] ?? .null
      guard isUsed == .null || isUsed.truth != nil else { throw fault("use_sliding_window", "true or false") }
      size = isUsed.truth == true ? try window(otherwise: otherwise) : nil
      listed = try types()
      first = try count("max_window_layers", otherwise: usual, from: 0)
    case .alternating(let otherwise, let usual):
      size = try window(otherwise: otherwise)
      listed = try types()
      period = try count("sliding_window_pattern", otherwise: usual, from: 1)
    case .symmetric(let rule):
      // So many to each side, and its own.
      size = try count(rule.size.key, otherwise: rule.size.otherwise, from: 2) / 2 + 1
      listed = try types()
      period = try count(rule.period.key, otherwise: rule.period.otherwise, from: 1)
      whole = rule.isFirstWhole ? 1 : 0
    }
  }

  /// The window of the block `index`; `nil` where it sees all positions.
  subscript(index: Int) -> Int? {
    listed?[index] ?? (index >= first && (period == 0 || (index + 1 - whole) % period != 0)) ? size : nil
  }
}
