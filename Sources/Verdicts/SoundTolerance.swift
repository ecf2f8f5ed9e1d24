import PlumbExact
import PlumbModel
import PlumbTolerance

/// The least tolerances of |a − b| ≤ atol + rtol·|b| that no kernel in an arithmetic fails on given inputs.
package struct SoundTolerance: Sendable, Equatable, Encodable {
  /// The absolute part.
  package let atol: Double
  /// The part of the expected magnitude.
  package let rtol: Double

  /// The tolerances for elements whose distance may be `distances` where the expected magnitude is at least `magnitudes`, with
  /// the least average over the elements.
  ///
  /// *Theorem.* With (mᵢ, dᵢ) the points, the least atol + rtol·mean(m) under atol + rtol·mᵢ ≥ dᵢ and atol, rtol ≥ 0 is taken by the
  /// line that carries an edge of the upper hull of the points over their mean: by linear programming's duality the
  /// edge's ends have weights that add up to 1 and mean to it. A falling edge gives rtol 0, one that would meet the axis below 0 gives
  /// atol 0.
  package init(distances: [Double], magnitudes: [Double]) {
    let points = zip(magnitudes, distances).sorted { ($0.0, $0.1) < ($1.0, $1.1) }
    let mean = magnitudes.reduce(0, +) / Double(max(magnitudes.count, 1))
    var hull: [(m: Double, d: Double)] = []
    for (m, d) in points {
      while let last = hull.last {
        if hull.count == 1 {
          guard last.m == m, last.d <= d else { break }
        } else {
          let before = hull[hull.count - 2]
          guard (last.d - before.d) * (m - before.m) <= (d - before.d) * (last.m - before.m) else { break }
        }
        hull.removeLast()
      }
      hull.append((m, d))
    }
    let right = hull.firstIndex { $0.m > mean } ?? hull.count
    var slope = 0.0
    if right > 0, right < hull.count {
      slope = max(0, (hull[right].d - hull[right - 1].d) / (hull[right].m - hull[right - 1].m))
      let least = hull[right].d - slope * hull[right].m
      // Over a magnitude of 0 no line of the hull is below 0 but by rounding.
      if least < 0, hull[0].m > 0 { slope = hull.map { $0.d / $0.m }.max() ?? 0 }
    }
    let relative = Self.roundedUp(slope)
    let rest = hull.map { Outward.sumUp($0.d, -Outward.productDown(relative, $0.m)) }.max() ?? 0
    (atol, rtol) = (Self.roundedUp(max(0, rest)), relative)
  }

  /// Only an absolute part.
  init(atol distances: [Double]) {
    atol = Self.roundedUp(distances.max() ?? 0)
    rtol = 0
  }

  /// Two significant digits, rounded up, as a Float64 no less than them.
  private static func roundedUp(_ value: Double) -> Double {
    guard value > 0, value.isFinite, let exact = Rational(exactly: value),
      let rounded = Double(exact.decimal(significantDigits: 2, .up))
    else { return value }
    return max(value, rounded)
  }

  /// The tolerances of one case.
  package struct Answer: Sendable {
    /// Against the exact values, rounded to nearest in the arithmetic's format of tensors.
    package let exact: SoundTolerance
    /// The same without a relative part.
    package let exactAbsolute: SoundTolerance
    /// Against another kernel in the arithmetic.
    package let kernel: SoundTolerance
    /// The same without a relative part.
    package let kernelAbsolute: SoundTolerance
    /// The number of elements.
    package let elements: Int
    /// The number of elements that may be infinite or NaN, or have no bound: no tolerance is sound of them.
    package let unbounded: Int
  }

  /// The tolerances for `input` in `model`.
  ///
  /// - Throws: `ArithmeticError` where nothing is proved of the layer in it.
  package static func answer(_ input: CheckedCase, in model: ArithmeticModel) throws(ArithmeticError) -> Answer {
    guard !model.replaysSteps else {
      throw ArithmeticError(
        problem: "'\(model)' moves the exact values that a tolerance is about: leave out '\(model.replayWord)'")
    }
    let readings = Catalogue.readings(of: input, in: model)
    guard readings.count == 1 else {
      let names = readings.compactMap { $0.reading?.rawValue }.joined(separator: " or ")
      throw ArithmeticError(
        problem:
          "\(input.source.layer.rawValue): kernels take it for several functions, of which a tolerance is about one: "
          + "add ',formula=' and \(names)")
    }
    let tracked = try Catalogue.tracked(readings[0], in: model).elements
    let bounded = tracked.indices.filter { tracked[$0].isFinite && (input.holdsValue?($0) ?? true) }.map { tracked[$0] }
    let rounding = bounded.map { model.storage.spacing(atMagnitude: min($0.magnitude, model.storage.greatest)) / 2 }
    let errors = bounded.map(\.error)
    let magnitudes = bounded.map { $0.lower > 0 ? $0.lower : $0.upper < 0 ? -$0.upper : 0 }
    let fromExact = zip(errors, rounding).map(Outward.sumUp)
    let fromKernel = errors.map { 2 * $0 }
    let nearExact = zip(magnitudes, rounding).map { max(0, $0 - $1) }
    let nearKernel = zip(magnitudes, errors).map { max(0, Outward.sumDown($0, -$1)) }
    let valued = tracked.indices.count { input.holdsValue?($0) ?? true }
    return Answer(
      exact: SoundTolerance(distances: fromExact, magnitudes: nearExact),
      exactAbsolute: SoundTolerance(atol: fromExact),
      kernel: SoundTolerance(distances: fromKernel, magnitudes: nearKernel),
      kernelAbsolute: SoundTolerance(atol: fromKernel), elements: valued, unbounded: valued - bounded.count)
  }
}
