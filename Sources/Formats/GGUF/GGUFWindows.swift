/// The blocks that see a window of positions only, as a GGUF file states them.
///
/// The pattern is a number, of which each block but the last has the window, or a list of truth values.
struct GGUFWindows {
  /// The window; `nil` where no block has one.
  private let size: Int?
  private let listed: [Bool]?
  private let period: Int
  /// The place among each `period` blocks of the one that sees all positions, counted from the last on.
  private let whole: Int

  /// The keys that files of `family` have.
  static func keys(of family: Family) -> Set<String> {
    switch family.window {
    case .none, .chosen: []
    case .everywhere: ["attention.sliding_window"]
    case .alternating, .symmetric: ["attention.sliding_window", "attention.sliding_window_pattern"]
    }
  }

  /// Reads the keys of `family` for `blocks` blocks.
  ///
  /// - Throws: `ModelError` that names the key whose value makes no sense.
  init(_ metadata: GGUFMetadata, _ family: Family, blocks: Int, file: String) throws(ModelError) {
    let keys = Self.keys(of: family)
    let (window, pattern) = (family.key("attention.sliding_window"), family.key("attention.sliding_window_pattern"))
    func fault(_ key: String, _ expected: String) -> ModelError {
      ModelError(file: file, problem: "key '\(key)' is not \(expected)", remedy: "convert the model again")
    }
    let stated = keys.isEmpty ? nil : try metadata.integer(window) ?? family.windowInGGUF
    guard stated.map({ 0..<1 << 31 ~= $0 }) ?? true else { throw fault(window, "a count below 2^31") }
    let usual: Int
    switch family.window {
    case .alternating(_, let period): (size, usual, whole) = (stated == 0 ? nil : stated, period, 0)
    case .symmetric(let rule):
      // So many to each side, and its own.
      (size, usual) = (stated == 0 ? nil : stated.map { $0 / 2 + 1 }, rule.period.otherwise)
      whole = rule.isFirstWhole ? 1 : 0
    case .none, .everywhere, .chosen:
      (size, listed, period, whole) = (stated == 0 ? nil : stated, nil, 0, 0)
      return
    }
    if case .bools(let flags)? = metadata.values[pattern] {
      guard flags.count == blocks else { throw fault(pattern, "a list for \(blocks) blocks") }
      (listed, period) = (flags, 0)
    } else {
      (listed, period) = (nil, try metadata.integer(pattern) ?? usual)
      guard period >= 0 else { throw fault(pattern, "a count") }
    }
  }

  /// The window of the block `index`; `nil` where it sees all positions.
  subscript(index: Int) -> Int? { listed?[index] ?? (period == 0 || (index + 1 - whole) % period != 0) ? size : nil }
}
