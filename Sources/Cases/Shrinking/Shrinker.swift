import PlumbModel
import PlumbVerdicts

/// Makes a case small while it keeps what it shows.
///
/// First fewer rows, columns and heads; then zeros, ones and shorter hex floats; again, until nothing more goes. Each in big
/// steps before small ones, so that a long case has become short where the limits end it.
package struct Shrinker {
  /// Decides a case, as the run does that found it.
  ///
  /// It runs on a thread of its own, and is left behind there where the time ends first, unless it is waited for.
  package typealias Judge = @Sendable (CheckedCase) throws -> LocalDrift

  /// The share of its score that a shrunk record keeps: a little is given up, for numbers that a person can read.
  package static let recordFraction = 0.98

  private let judge: Judge
  private let keeps: (LocalDrift) -> Bool
  /// Whether no more may be tried, however many cases are left.
  private let isOver: () -> Bool
  /// Told before a case is decided.
  private let willTry: () -> Void
  /// Whether cases are decided on the calling thread, each to its end.
  private let waits: Bool
  /// The most cases that may still be decided.
  private var budget: Int
  /// The attributes that stay what they are.
  private let kept: Set<String>
  private(set) var best: LayerCase

  private init(
    _ input: LayerCase, keeping kept: Set<String> = [], budget: Int, waits: Bool = false, isOver: @escaping () -> Bool,
    willTry: @escaping () -> Void,
    judge: @escaping Judge, keeps: @escaping (LocalDrift) -> Bool
  ) {
    self.kept = kept
    self.judge = judge
    self.waits = waits
    self.willTry = willTry
    self.keeps = keeps
    self.isOver = isOver
    self.budget = budget
    best = input
  }

  /// The smallest case found that fails as `drift`, which is outside its bound, does.
  ///
  /// It has at least half the margin of the original, and is itself outside: a gross bug never becomes a marginal one. It
  /// fails in the same way, so that a wrong number never becomes 0 / 0.
  package static func failure(
    _ input: LayerCase, _ drift: LocalDrift, budget: Int = 4000, judge: @escaping Judge
  ) -> LayerCase {
    failure(input, margin: drift.margin, kind: drift.failure, budget: budget, judge: judge)
  }

  /// The smallest case found that fails with at least half of `margin`, and in the way of `kind`.
  ///
  /// Nothing more is tried once it `isOver`. Where it `waits`, cases are decided on the calling thread, each to its end. The
  /// attributes `kept` stay what they are.
  package static func failure(
    _ input: LayerCase, margin: Double, kind: FailureKind?, keeping kept: Set<String> = [], budget: Int,
    waits: Bool = false, judge: @escaping Judge,
    isOver: @escaping () -> Bool = { false }, willTry: @escaping () -> Void = {}
  ) -> LayerCase {
    var shrinker = Shrinker(
      input, keeping: kept, budget: budget, waits: waits, isOver: isOver, willTry: willTry, judge: judge
    ) {
      $0.verdict == .outside && $0.margin >= margin / 2 && $0.failure == kind
    }
    shrinker.run()
    return shrinker.best
  }

  /// The smallest case found that scores as `drift`, which is within, does: at least `fraction` of it.
  ///
  /// Nothing more is tried once it `isOver`.
  package static func record(
    _ input: LayerCase, _ drift: LocalDrift, objective: Objective = .margin, fraction: Double = recordFraction,
    budget: Int = 4000, judge: @escaping Judge, isOver: @escaping () -> Bool = { false },
    willTry: @escaping () -> Void = {}
  ) -> LayerCase {
    let least = objective.score(of: drift) * fraction
    var shrinker = Shrinker(input, budget: budget, isOver: isOver, willTry: willTry, judge: judge) {
      $0.verdict != .outside && objective.score(of: $0) >= least
    }
    shrinker.run()
    return shrinker.best
  }

  /// Whether another candidate may be tried.
  private var mayGoOn: Bool { budget > 0 && !isOver() }

  private mutating func run() {
    var before: LayerCase
    repeat {
      before = best
      for steps in [Steps.big, .all] {
        shrinkShape(steps)
        shrinkAttributes()
        for name in best.tensors.keys.sorted() { shrinkNumbers(name, steps) }
      }
    } while best != before && mayGoOn
  }

  /// The stretches that are tried at a time.
  private enum Steps {
    /// Halves down to sixteenths.
    case big
    /// Halves down to single indices.
    case all

    /// The lengths for `count` indices from `greatest` on, the greatest first.
    func lengths(_ count: Int, from greatest: Int) -> [Int] {
      let least = self == .big ? count / 16 : 0
      return Array(sequence(first: greatest) { $0 / 2 }.prefix { $0 > 0 && $0 >= least })
    }
  }

  /// Takes `candidate` where it keeps what the best case shows.
  ///
  /// - Returns: whether it was taken.
  @discardableResult
  private mutating func take(_ candidate: LayerCase) -> Bool {
    guard mayGoOn, candidate != best, let checked = try? CheckedCase(candidate) else { return false }
    budget -= 1
    willTry()
    let judge = judge
    let drift = waits ? try? judge(checked) : try? Patience.result(isOver: isOver) { try judge(checked) }
    guard let drift, keeps(drift) else { return false }
    best = candidate
    return true
  }
}

// MARK: - Size

extension Shrinker {
  private mutating func shrinkShape(_ steps: Steps) {
    for slot in Catalogue.signature(of: best.layer).tensors where slot.isOptional {
      var candidate = best
      candidate.tensors[slot.name] = nil
      take(candidate)
    }
    guard let names = try? CheckedCase(best).extents.keys.sorted() else { return }
    for name in names where mayGoOn { shrinkExtent(name, steps) }
  }

  /// Removes stretches of the extent `name`; one index always stays.
  private mutating func shrinkExtent(_ name: String, _ steps: Steps) {
    guard var extents = try? CheckedCase(best).extents, var extent = extents[name] else { return }
    for length in steps.lengths(extent, from: extent / 2) {
      var start = 0
      while start < extent && mayGoOn {
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
    }
  }

  private mutating func shrinkAttributes() {
    for (name, value) in best.attributes.sorted(by: { $0.key < $1.key }) where !kept.contains(name) {
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
  private mutating func shrinkNumbers(_ name: String, _ steps: Steps) {
    guard let tensor = best.tensors[name] else { return }
    switch tensor {
    case .integer(let indices):
      for place in indices.elements.indices where steps == .all && mayGoOn {
        guard case .integer(var candidate)? = best.tensors[name], candidate.elements[place] != 0 else { continue }
        candidate.elements[place] = 0
        take(best, name, .integer(candidate))
      }
    case .real(let numbers):
      let count = numbers.elements.count
      replace(name, steps.lengths(count, from: count)) { _ in 0 }
      guard steps == .all else { return simplifyTogether(name, count) }
      for place in numbers.elements.indices where mayGoOn {
        guard case .real(let numbers)? = best.tensors[name] else { return }
        _ = numbers.elements[place].simpler.first { simpler in
          var candidate = numbers
          candidate.elements[place] = simpler
          return take(best, name, .real(candidate))
        }
      }
    }
  }

  /// Makes many numbers simpler at once: all 1, of one size, or of few bits.
  private mutating func simplifyTogether(_ name: String, _ count: Int) {
    let lengths = Array(Steps.big.lengths(count, from: count).prefix(2))
    replace(name, lengths) { $0 == 0 ? $0 : 1 }
    replace(name, lengths) { $0 == 0 ? $0 : $0 < 0 ? -1 : 1 }
    for bits in [UInt32(1), 4, 8, 12] {
      // Cut off toward 0: finite numbers stay finite.
      replace(name, lengths) { $0.isFinite ? Float(bitPattern: $0.bitPattern & ~0 << (24 - bits)) : $0 }
    }
  }

  /// Replaces the numbers of stretches of `lengths`, one after another.
  private mutating func replace(_ name: String, _ lengths: [Int], by replacement: (Float) -> Float) {
    for length in lengths {
      guard case .real(let numbers)? = best.tensors[name] else { return }
      for start in stride(from: 0, to: numbers.elements.count, by: length) where mayGoOn {
        guard case .real(var candidate)? = best.tensors[name] else { return }
        var isChanged = false
        for place in start..<min(start + length, candidate.elements.count) {
          let number = candidate.elements[place]
          candidate.elements[place] = replacement(number)
          isChanged = isChanged || candidate.elements[place].bitPattern != number.bitPattern
        }
        if isChanged { take(best, name, .real(candidate)) }
      }
    }
  }

  @discardableResult
  private mutating func take(_ input: LayerCase, _ name: String, _ tensor: CaseTensor) -> Bool {
    var candidate = input
    candidate.tensors[name] = tensor
    return take(candidate)
  }
}
