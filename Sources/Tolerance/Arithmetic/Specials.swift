extension Tracked {
  /// Numbers that are not finite.
  package struct Specials: OptionSet, Sendable, Hashable {
    /// A bit for each number.
    package let rawValue: UInt8

    /// The set of the numbers whose bits are in `rawValue`.
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// +∞.
    package static let plusInfinity = Specials(rawValue: 1)
    /// −∞.
    package static let minusInfinity = Specials(rawValue: 2)
    /// NaN.
    package static let nan = Specials(rawValue: 4)
    /// All of them.
    package static let all: Specials = [.plusInfinity, .minusInfinity, .nan]
    /// Both infinities.
    static let infinities: Specials = [.plusInfinity, .minusInfinity]

    /// Whether `value`, which is not finite, is one of them.
    package func includes(_ value: Float) -> Bool {
      contains(value.isNaN ? .nan : value > 0 ? .plusInfinity : .minusInfinity)
    }

    /// The numbers with their signs changed.
    var negated: Specials {
      Self.infinity(isNegative: contains(.plusInfinity), isPositive: contains(.minusInfinity)) + nan
    }

    /// NaN, where it is one of them.
    var nan: Specials { intersection(.nan) }

    /// The infinities that are positive, or negative, or both.
    static func infinity(isNegative: Bool, isPositive: Bool) -> Specials {
      (isNegative ? minusInfinity : []).union(isPositive ? plusInfinity : [])
    }

    static func + (a: Specials, b: Specials) -> Specials { a.union(b) }
  }
}

// Operations of IEEE 754 on numbers of which one is not finite.
extension Tracked {
  /// Whether the computed number may be positive, an infinity too.
  private var mayBePositive: Bool { specials.contains(.plusInfinity) || isReal && computed.upper > 0 }

  /// Whether the computed number may be negative, an infinity too.
  private var mayBeNegative: Bool { specials.contains(.minusInfinity) || isReal && computed.lower < 0 }

  /// Whether the computed number may be 0.
  private var mayBeZero: Bool { isReal && computed.lower <= 0 && computed.upper >= 0 }

  /// The sums that are not finite, of numbers that are not both.
  ///
  /// ∞ − ∞ is NaN.
  func specials(plus other: Tracked) -> Specials {
    func reaches(_ infinity: Specials) -> Bool {
      specials.contains(infinity) && (other.isReal || other.specials.contains(infinity))
        || other.specials.contains(infinity) && (isReal || specials.contains(infinity))
    }
    let cancels =
      specials.contains(.plusInfinity) && other.specials.contains(.minusInfinity)
      || specials.contains(.minusInfinity) && other.specials.contains(.plusInfinity)
    return Specials.infinity(isNegative: reaches(.minusInfinity), isPositive: reaches(.plusInfinity))
      + (cancels ? .nan : (specials + other.specials).nan)
  }

  /// The products that are not finite, of numbers that are not both.
  ///
  /// 0 · ∞ is NaN.
  func specials(times other: Tracked) -> Specials {
    func products(_ a: Tracked, _ b: Tracked) -> Specials {
      let (plus, minus) = (a.specials.contains(.plusInfinity), a.specials.contains(.minusInfinity))
      guard plus || minus else { return a.specials }
      return Specials.infinity(
        isNegative: plus && b.mayBeNegative || minus && b.mayBePositive,
        isPositive: plus && b.mayBePositive || minus && b.mayBeNegative) + (b.mayBeZero ? .nan : a.specials.nan)
    }
    return products(self, other) + products(other, self)
  }

  /// The quotients that are not finite, of numbers that are not both, by a positive one.
  ///
  /// ∞ / ∞ is NaN.
  func specials(over divisor: Tracked) -> Specials {
    let isBoth = !specials.isDisjoint(with: .infinities) && !divisor.specials.isDisjoint(with: .infinities)
    return (divisor.isReal ? specials : specials.nan) + divisor.specials.nan + (isBoth ? .nan : [])
  }
}
