public import PlumbDrift
import PlumbModel

/// Makes a case small while it keeps what it shows.
///
/// First fewer rows, columns and heads; then zeros, ones and shorter hex floats; again, until nothing more goes.
public struct Shrinker {
  /// Decides a case, as the run does that found it.
  public typealias Judge = (CheckedCase) throws -> LocalDrift

  /// What a shrunk record keeps of its score: a little is given up, for numbers that a person can read.
  public static let recordFraction = 0.98

  private let judge: Judge
  private let keeps: (LocalDrift) -> Bool
  /// The most cases that may still be decided.
  private var budget: Int
  private(set) var best: LayerCase

  private init(_ input: LayerCase, budget: Int, judge: @escaping Judge, keeps: @escaping (LocalDrift) -> Bool) {
    self.judge = judge
    self.keeps = keeps
    self.budget = budget
    best = input
  }

  /// The smallest case found that fails as `drift`, which is outside its bound, does.
  ///
  /// It has at least half the margin of the original, and is itself outside: a gross bug never becomes a marginal one. It
  /// fails in the same way, so that a wrong number never becomes 0 / 0.
  public static func failure(
    _ input: LayerCase, _ drift: LocalDrift, budget: Int = 4000, judge: @escaping Judge
  ) -> LayerCase {
    failure(input, margin: drift.margin, kind: drift.failure, budget: budget, judge: judge)
  }

  /// The smallest case found that fails with at least half of `margin`, and in the way of `kind`.
  static func failure(
    _ input: LayerCase, margin: Double, kind: FailureKind?, budget: Int, judge: @escaping Judge
  ) -> LayerCase {
    var shrinker = Shrinker(input, budget: budget, judge: judge) {
      $0.verdict == .outside && $0.margin >= margin / 2 && $0.failure == kind
    }
    shrinker.run()
    return shrinker.best
  }

  /// The smallest case found that scores as `drift`, which is within, does: at least `fraction` of it.
  public static func record(
    _ input: LayerCase, _ drift: LocalDrift, objective: Objective = .margin, fraction: Double = recordFraction,
    budget: Int = 4000, judge: @escaping Judge
  ) -> LayerCase {
    let least = objective.score(of: drift) * fraction
    var shrinker = Shrinker(input, budget: budget, judge: judge) {
      $0.verdict != .outside && objective.score(of: $0) >= least
    }
    shrinker.run()
    return shrinker.best
  }

  private mutating func run() {
    var before: LayerCase
    repeat {
      before = best
      shrinkShape()
      shrinkAttributes()
      for name in best.tensors.keys.sorted() { shrinkNumbers(name) }
    } while best != before && budget > 0
  }

  /// Takes `candidate` where it keeps what the best case shows.
  ///
  /// - Returns: whether it was taken.
  @discardableResult
  private mutating func take(_ candidate: LayerCase) -> Bool {
    guard budget > 0, candidate != best, let checked = try? CheckedCase(candidate) else { return false }
    budget -= 1
    guard let drift = try? judge(checked), keeps(drift) else { return false }
    best = candidate
    return true
  }
}

// MARK: - Size

extension Shrinker {
  private mutating func shrinkShape() {
    for slot in Catalogue.signature(of: best.layer).tensors where slot.isOptional {
      var candidate = best
      candidate.tensors[slot.name] = nil
      take(candidate)
    }
    guard let names = try? CheckedCase(best).extents.keys.sorted() else { return }
    for name in names { shrinkExtent(name) }
  }

  /// Removes stretches of the extent `name`: halves, quarters, and so on down to single indices; one always stays.
  private mutating func shrinkExtent(_ name: String) {
    guard var extents = try? CheckedCase(best).extents, var extent = extents[name] else { return }
    var length = extent / 2
    while length > 0 {
      var start = 0
      while start < extent {
        let removed = start..<min(start + length, extent)
        let kept = (0..<extent).filter { !removed.contains($0) }
        guard !kept.isEmpty else { break }
        if take(best.selecting(kept, along: name))
          || name == "keyValueHeads" && take(best.selectingHeads(kept, extents: extents))
        {
          extents = (try? CheckedCase(best).extents) ?? extents
          extent = extents[name] ?? 0
        } else {
          start += length
        }
      }
      length /= 2
    }
  }

  private mutating func shrinkAttributes() {
    for (name, value) in best.attributes.sorted(by: { $0.key < $1.key }) {
      func candidate(_ value: AttributeValue?) -> LayerCase {
        var candidate = best
        candidate.attributes[name] = value
        return candidate
      }
      if take(candidate(nil)) { continue }
      switch value {
      case .integer(let integer):
        _ = [0, 1, integer / 2, integer - 1].first { $0 < integer && take(candidate(.integer($0))) }
      case .real(let real): _ = real.simpler.first { take(candidate(.real($0))) }
      case .flag, .word: break
      }
    }
  }
}

// MARK: - Value

extension Shrinker {
  private mutating func shrinkNumbers(_ name: String) {
    guard let tensor = best.tensors[name] else { return }
    switch tensor {
    case .integer(let indices):
      for place in indices.elements.indices {
        guard case .integer(var candidate)? = best.tensors[name], candidate.elements[place] != 0 else { continue }
        candidate.elements[place] = 0
        take(best, name, .integer(candidate))
      }
    case .real(let numbers):
      zero(name, numbers.elements.count)
      for place in numbers.elements.indices {
        guard case .real(let numbers)? = best.tensors[name] else { return }
        _ = numbers.elements[place].simpler.first { simpler in
          var candidate = numbers
          candidate.elements[place] = simpler
          return take(best, name, .real(candidate))
        }
      }
    }
  }

  /// Sets stretches to zero: all, halves, and so on down to single elements.
  private mutating func zero(_ name: String, _ count: Int) {
    var length = count
    while length > 0 {
      for start in stride(from: 0, to: count, by: length) {
        guard case .real(var candidate)? = best.tensors[name] else { return }
        let range = start..<min(start + length, count)
        if candidate.elements[range].allSatisfy({ $0 == 0 && $0.sign == .plus }) { continue }
        for place in range { candidate.elements[place] = 0 }
        take(best, name, .real(candidate))
      }
      length /= 2
    }
  }

  @discardableResult
  private mutating func take(_ input: LayerCase, _ name: String, _ tensor: CaseTensor) -> Bool {
    var candidate = input
    candidate.tensors[name] = tensor
    return take(candidate)
  }
}
