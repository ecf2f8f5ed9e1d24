import PlumbExact
import PlumbReference
import PlumbTolerance
import PlumbVerdicts

/// The numbers that a report says of one gradient, gathered row by row: no more than a row is held.
struct GradientSurvey: Sendable {
  /// The sum of the squares of the exact elements.
  private(set) var squares = Ball.zero
  /// The sum of the squares of the engine's elements.
  private(set) var engineSquares = 0.0
  /// The sum of the squares of the distances, as it is added up.
  private var distances = 0.0
  /// The number of elements that were added up.
  private var count = 0
  /// At least the greatest distance of an element of the engine from its exact value, in ulps and as a number.
  private(set) var worst = (ulps: 0.0, absolute: 0.0)
  /// At most the greatest magnitude of an exact element.
  private(set) var magnitude = 0.0
  /// At least the greatest radius.
  private(set) var radius = 0.0

  /// The survey of `exact` and, where it is given, of what the engine computed.
  init(_ exact: GradientRows, engine: [Float]?) {
    let pieces = min(exact.count, 256)
    let parts = concurrentMap(pieces) { piece -> GradientSurvey in
      var survey = GradientSurvey()
      for index in piece * exact.count / pieces..<(piece + 1) * exact.count / pieces {
        let row = exact.row(index)
        survey.add(row, engine.map { $0[index * row.count..<(index + 1) * row.count] })
      }
      return survey
    }
    for part in parts { add(part) }
  }

  private init() {}

  private mutating func add(_ row: BallRow, _ engine: ArraySlice<Float>?) {
    squares = squares + row.sumOfSquares
    if let top = row.radiusTop { radius = max(radius, Double(sign: .plus, exponent: max(top, -1000), significand: 1)) }
    guard let engine else { return }
    let start = engine.startIndex
    row.eachDouble { index, value, error in
      let computed = Double(engine[start + index])
      // The difference and each sum are off by 2⁻⁵³ of themselves.
      let centre = (computed - value).magnitude
      let distance = computed.isFinite ? (centre + error) * (1 + 0x1p-50) : .infinity
      let least = max(0, (value.magnitude - error) * (1 - 0x1p-50))
      worst.ulps = max(worst.ulps, distance / (2 * NearBound.halfSpacing(at: min(least, 0x1p127))))
      worst.absolute = max(worst.absolute, distance)
      magnitude = max(magnitude, least)
      engineSquares += computed * computed
      distances += distance * distance
      count += 1
    }
  }

  /// Takes in what another survey of other elements has.
  mutating func add(_ other: GradientSurvey) {
    squares = squares + other.squares
    engineSquares += other.engineSquares
    distances += other.distances
    count += other.count
    worst = (max(worst.ulps, other.worst.ulps), max(worst.absolute, other.worst.absolute))
    magnitude = max(magnitude, other.magnitude)
    radius = max(radius, other.radius)
  }
}

extension GradientSurvey {
  /// At least the root of the sum of the squares of the distances; 0 where there is none.
  ///
  /// *Error bound*: each square and each of at most `count` + 256 sums is at least 1 − 2⁻⁵³ of what it would be, or loses half of the
  /// least number there is.
  var distance: Double {
    if worst.absolute == 0 { return 0 }
    let lost = Double(count) * .leastNonzeroMagnitude
    return ((distances + lost) * (1 + Double(count + 300) * 0x1p-52)).squareRoot().nextUp
  }

  /// The greatest distance ÷ the greatest magnitude, rounded up; 0 where there is no distance, infinite where there is one from
  /// nothing but zeros.
  var relative: Double { worst.absolute == 0 ? 0 : (worst.absolute / magnitude).nextUp }

  /// The accumulated drift of the engine's gradient.
  var drift: AccumulatedDrift {
    AccumulatedDrift(worstUlps: worst.ulps, worstAbsolute: worst.absolute, relative: relative, radius: radius)
  }
}
