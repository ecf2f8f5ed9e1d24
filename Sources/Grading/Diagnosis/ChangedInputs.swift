import PlumbModel
import PlumbTolerance

/// A bug of what a stretch reads: it is right, but on other numbers than those that the dump has at its beginnings.
///
/// It is decided as a verdict is, by grading the dump with these numbers in place of its own.
struct ChangedInputs: Sendable {
  /// The name of the bug.
  let name: String
  /// The bug, in one sentence.
  let cause: String
  /// The numbers that are read in place of the dump's.
  let numbers: [ActivationName: Activation<Float>]

  /// The inputs that may have been read in place of those at the beginnings of the stretch that `failure` is about.
  static func all(of failure: GradeFailure) -> [ChangedInputs] {
    let names = failure.segment.beginnings
    let known = names.compactMap { name in failure.dumped(name).map { (name, $0) } }
    var all = rows(known, failure) + fused(known) + exchanged(known)
    for (name, input) in known where failure.steps.count > 1 {
      for format in [FloatFormat.bfloat16, .float16] {
        all.append(
          ChangedInputs(
            name: "\(name.role.rawValue) input-in-\(format.name)",
            cause: "What is read of \(name) is kept in \(format.name).",
            numbers: [name: input.kept(in: format)]))
      }
      if let block = name.block, block > 0 {
        let before = ActivationName(block: block - 1, name.role)
        if let other = failure.dumped(before), other.shape == input.shape {
          all.append(
            ChangedInputs(
              name: "\(name.role.rawValue) of-block-before", cause: "\(before) is read in place of \(name).",
              numbers: [name: other]))
        }
      }
    }
    return all.filter { changed in changed.numbers.contains { $0.value != failure.dumped($0.key) } }
  }

  /// The most tokens of which every row is tried in place of every other, and of a longer pass the nearest to it.
  private static let nearest = 16

  /// A row of a cache that is another token's: of the keys, of the values or of both, the first that shows and any other.
  ///
  /// A row that is wrong shows in the first token that it touches, as no token before sees it.
  private static func rows(
    _ known: [(ActivationName, Activation<Float>)], _ failure: GradeFailure
  ) -> [ChangedInputs] {
    guard let first = failure.firstTouched, failure.steps.contains(where: { $0.layer == .attentionValues }) else {
      return []
    }
    let cached = known.filter { [.key, .keyNorm, .rotatedKey, .value].contains($0.0.role) }
    let sets = cached.map { [$0] } + (cached.count == 2 ? [cached] : [])
    let others = (0..<failure.tokens.count).sorted { abs($0 - first) < abs($1 - first) }.prefix(2 * nearest)
    return sets.flatMap { set -> [ChangedInputs] in
      let what = set.map(\.0.role.rawValue).joined(separator: " and ")
      let stale = others.filter { $0 != first }.map { other in
        ChangedInputs(
          name: "cache row-\(first)-is-row-\(other) (\(what))",
          cause: "The cache has the row of token \(other) where that of token \(first) should be, of \(what).",
          numbers: Dictionary(uniqueKeysWithValues: set.map { ($0.0, $0.1.replacing(row: first, by: other)) }))
      }
      let missing = ChangedInputs(
        name: "cache row-\(first)-is-0 (\(what))",
        cause: "The cache has 0 where the row of token \(first) should be, of \(what).",
        numbers: Dictionary(uniqueKeysWithValues: set.map { ($0.0, $0.1.replacing(row: first, by: nil)) }))
      return stale + [missing]
    }
  }

  /// Queries, keys and values of one product whose rows stand head by head where they are read kind by kind, or the reverse.
  private static func fused(_ known: [(ActivationName, Activation<Float>)]) -> [ChangedInputs] {
    let parts = [ActivationName.Role.query, .key, .value].compactMap { role in known.first { $0.0.role == role } }
    guard parts.count == 3, parts.allSatisfy({ $0.1.shape == parts[0].1.shape && $0.1.shape.count == 3 }) else {
      return []
    }
    let (heads, size) = (parts[0].1.shape[1], parts[0].1.shape[2])
    guard heads > 1 else { return [] }
    /// The parts, where head h of part p is the head of this number of all, counted kind by kind.
    func read(_ place: (_ part: Int, _ head: Int) -> Int) -> [ActivationName: Activation<Float>] {
      var result: [ActivationName: Activation<Float>] = [:]
      for (part, entry) in parts.enumerated() {
        var changed = entry.1
        for index in changed.elements.indices {
          let (token, head, element) = (index / size / heads, index / size % heads, index % size)
          let other = place(part, head)
          changed.elements[index] = parts[other / heads].1.elements[(token * heads + other % heads) * size + element]
        }
        result[entry.0] = changed
      }
      return result
    }
    return [
      ChangedInputs(
        name: "fused-rows kind-by-kind",
        cause:
          "The rows of the fused product of queries, keys and values are split kind by kind, where they stand head by head.",
        numbers: read { part, head in
          let place = part * heads + head
          return place % 3 * heads + place / 3
        }),
      ChangedInputs(
        name: "fused-rows head-by-head",
        cause:
          "The rows of the fused product of queries, keys and values are split head by head, where they stand kind by kind.",
        numbers: read { part, head in head * 3 + part }),
    ]
  }

  /// Two inputs of one shape that are taken for each other.
  private static func exchanged(_ known: [(ActivationName, Activation<Float>)]) -> [ChangedInputs] {
    known.indices.flatMap { first in
      known[(first + 1)...].filter { $0.1.shape == known[first].1.shape }.map { other in
        let one = known[first]
        return ChangedInputs(
          name: "\(one.0.role.rawValue)-\(other.0.role.rawValue) exchanged",
          cause: "\(one.0) and \(other.0) are exchanged.",
          numbers: [one.0: other.1, other.0: one.1])
      }
    }
  }

  /// An input whose elements are clamped, at most or at least `limit`, or both.
  static func clamped(_ name: ActivationName, _ input: Activation<Float>, _ side: Side, at limit: Float)
    -> ChangedInputs
  {
    let numbers = input.map { x in
      switch side {
      case .above: min(x, limit)
      case .below: max(x, -limit)
      case .both: min(max(x, -limit), limit)
      }
    }
    return ChangedInputs(
      name: "\(name.role.rawValue) clamped-\(side.rawValue)-\(limit)",
      cause: "What is read of \(name) is clamped to \(side.words) \(limit).", numbers: [name: numbers])
  }

  /// The numbers that a clamp keeps from going on.
  enum Side: String, CaseIterable {
    case above, below, both

    fileprivate var words: String {
      switch self {
      case .above: "at most"
      case .below: "at least minus"
      case .both: "a magnitude of at most"
      }
    }
  }
}

extension GradeFailure {
  /// The first token whose elements are beyond their bounds; `nil` where the failing activation has no row a token.
  var firstTouched: Int? {
    guard let end = steps.last?.name, let dumped = dumped(end), dumped.elements.count == exact.count,
      dumped.shape.first == tokens.count
    else { return nil }
    let index = exact.indices.first { index in
      bounds[index].map { (Double(dumped.elements[index]) - exact[index]).magnitude > $0 } ?? false
    }
    return index.map { $0 / max(dumped.elements.count / max(tokens.count, 1), 1) }
  }
}

extension Activation where Element == Float {
  /// The tensor whose row of the token `row` is that of the token `other`, or 0.
  fileprivate func replacing(row: Int, by other: Int?) -> Activation {
    var result = self
    let width = elements.count / max(shape.first ?? 1, 1)
    for index in 0..<width { result.elements[row * width + index] = other.map { elements[$0 * width + index] } ?? 0 }
    return result
  }
}
