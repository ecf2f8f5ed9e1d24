import PlumbModel

extension Engine {
  /// The frequency of pair `pair` as `scaling` changes it, in Float64.
  static func scaled(_ frequency: Double, pair: Int, _ scaling: FrequencyScaling) -> Double {
    switch scaling {
    case .none: return frequency
    case .divisors(let divisors): return frequency / Double(divisors[pair])
    case .smooth(let factor, let low, let high, let context):
      let turns = Double(context) * frequency / (2 * .pi)
      let share = min(max((turns - Double(low)) / (Double(high) - Double(low)), 0), 1)
      let slowed = 1 / Double(factor)
      return frequency * (slowed + share * (1 - slowed))
    case .ramp(let factor, let first, let last):
      let (numerator, denominator) = FrequencyScaling.ramp(pair, from: first, to: last)
      let share = Double(numerator) / Double(denominator)
      return frequency * (1 - share + share / Double(factor))
    case .turns(let factor, let fast, let slow, let context):
      let turns = logarithm(Double(context) * frequency / (2 * .pi))
      let (first, last) = (logarithm(Double(fast)), logarithm(Double(slow)))
      let share = min(max((first - turns) / (first - last), 0), 1)
      return frequency * (1 - share + share / Double(factor))
    }
  }

  /// The bound of the relative error that `scaling` adds to frequencies that are off by `error`, relative.
  ///
  /// With u = 2⁻⁵³ a divisor adds 1 u. A share t or r is off by δ, and the sum g of two parts, each at most max(1, 1/factor) and
  /// rounded twice or thrice, by δ·|1 − 1/factor| + 6 u·max(1, 1/factor), where g ≥ min(1, 1/factor); the last product rounds
  /// once. A ramp's δ is 1 u. That of t is high/(high − low)·(error + 5 u) + 3 u: a share beyond 1 or below 0 is kept, which makes
  /// no error greater, 2π, a product and a quotient are off by 3 u of at most `high` turns, and a difference, which `high` exceeds, a
  /// width and a quotient round once each. The products of errors are below 2 u.
  ///
  /// Between `fast` and `slow` turns, whose logarithms are at most s in magnitude and w apart, that of r is
  /// (error + 4 u + 26 u·s)/w + 3 u: the turns are off by error + 4 u, relative, and so is their logarithm absolutely; each of the
  /// three logarithms is off by 6 u·s, and the two differences round by 2 u·s; those of the width count again. A share beyond 1 or below
  /// 0 is kept.
  static func scalingError(_ scaling: FrequencyScaling, of error: Double) -> Double {
    let u = 0x1p-53
    func mixed(_ factor: Float, _ share: Double) -> Double {
      let (greatest, least) = (max(1, 1 / Double(factor)), min(1, 1 / Double(factor)))
      return ((share * (greatest - least) + 6 * u * greatest) / least + 3 * u) * (1 + 0x1p-40)
    }
    switch scaling {
    case .none: return 0
    case .divisors: return 2 * u
    case .smooth(let factor, let low, let high, _):
      return mixed(factor, Double(high) / (Double(high) - Double(low)) * (error + 5 * u) + 3 * u)
    case .ramp(let factor, _, _): return mixed(factor, u)
    case .turns(let factor, let fast, let slow, _):
      let (first, last) = (logarithm(Double(fast)), logarithm(Double(slow)))
      let (width, size) = (first - last, max(first.magnitude, last.magnitude))
      return mixed(factor, (error + 4 * u + 26 * u * size) / width * (1 + 0x1p-40) + 3 * u)
    }
  }

  /// The factor of sines and cosines in Float64: exact where it is a number, else off by at most 20·2⁻⁵³, relative.
  ///
  /// A logarithm is off by 6 u, relative, a product and a quotient with it by 8 u, the sum with 1 by 9 u, and a quotient of two
  /// by 19 u; under the root stand 14 u.
  static func magnitude(_ magnitude: RotaryMagnitude) -> Double {
    switch magnitude {
    case .number(let magnitude): return Double(magnitude)
    case .logarithms(let factor, let numerator, let denominator):
      let logarithm = logarithm(Double(factor))
      return (1 + Double(numerator) * logarithm / 10) / (1 + Double(denominator) * logarithm / 10)
    case .root(let factor, let context):
      return (1 + logarithm(Double(factor)) / logarithm(Double(context))).squareRoot()
    }
  }

  /// A number that no frequency of `layer` exceeds.
  ///
  /// Powers run from 1 to theta^(−1 + 2/size): none exceeds 1 or 1/theta.
  package static func greatestRotaryFrequency(_ layer: RotaryEmbeddingLayer) -> Double {
    let scale: Double =
      switch layer.scaling {
      case .none: 1
      case .divisors(let divisors): (1 / Double(divisors.min() ?? 1)).nextUp
      case .smooth(let factor, _, _, _), .ramp(let factor, _, _), .turns(let factor, _, _, _):
        max(1, (1 / Double(factor)).nextUp)
      }
    let fastest = max(1, (1 / Double(layer.theta)).nextUp)
    return ((scale == 1 ? fastest : (fastest * scale).nextUp) / Double(layer.scalingFactor)).nextUp
  }
}
