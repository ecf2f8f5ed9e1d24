public import PlumbEngine
import PlumbExact
import PlumbModel
import PlumbReference
import PlumbTolerance
import Synchronization

/// All inputs of an elementary function, or a range of them, each against the exact value.
///
/// Where the filter's error allows one Float32 only, and the engine gave it, the result is the exact value correctly
/// rounded. All others are decided by the exact reference, in balls, against the declared accuracy. NaNs and infinities
/// are left out: no value is claimed there.
public struct ExhaustiveWalk: Sendable {
  private let function: Engine.ElementaryFunction
  private let instructionSet: Engine.InstructionSet
  private let filter: FunctionFilter
  private let direction: Direction
  /// What stands for the engine.
  private let values: @Sendable ([Float]) -> [Float]

  /// Makes a walk through the inputs of `function`, or of what stands for it.
  ///
  /// - Throws: `EnclosureError` where a table could not be enclosed, which is a bug.
  public init(
    _ function: Engine.ElementaryFunction, instructionSet: Engine.InstructionSet = .current,
    values: (@Sendable ([Float]) -> [Float])? = nil
  ) throws {
    self.function = function
    self.instructionSet = instructionSet
    self.values = values ?? { function.values($0, instructionSet: instructionSet) }
    filter = try FunctionFilter(function)
    direction = Direction(function)
  }

  /// The inputs that are taken at a time.
  private static let pieceSize = 1 << 16

  /// Walks from `range`'s lowest to its highest number on `jobs` threads, and stops early when `isInterrupted`.
  ///
  /// `progress` is told the part that is done, from 0 to 1.
  ///
  /// - Throws: `PrecisionExhausted` when a distance equals its bound to 4096 bits.
  public func report(
    _ range: ClosedRange<Float> = -.greatestFiniteMagnitude ... .greatestFiniteMagnitude, jobs: Int = 1,
    isInterrupted: @Sendable () -> Bool = { false }, progress: @Sendable (Double) -> Void = { _ in }
  ) throws -> ExhaustiveReport {
    // The place of the lowest is that of −0 where it is a zero, so that both zeros are walked through.
    let first = Int((range.lowerBound == 0 ? -0.0 : range.lowerBound).place)
    let last = Int((range.upperBound == 0 ? 0.0 : range.upperBound).place)
    let pieces = (last - first) / Self.pieceSize + 1
    let deal = Deal()
    let parts = try concurrentMap(max(1, jobs)) { _ in
      var part = ExhaustiveReport(function, instructionSet)
      while !isInterrupted() {
        let piece = deal.next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard piece < pieces else { return part }
        let start = first + piece * Self.pieceSize
        try walk(start...min(start + Self.pieceSize - 1, last), after: piece > 0, into: &part)
        progress(Double(deal.done.wrappingAdd(1, ordering: .relaxed).newValue) / Double(pieces))
      }
      part.isComplete = false
      return part
    }
    var report = ExhaustiveReport(function, instructionSet)
    for part in parts { report.join(part) }
    // An interruption after the last piece has cut off nothing.
    if deal.done.load(ordering: .relaxed) == pieces { report.isComplete = true }
    return report
  }

  /// What the jobs share.
  private final class Deal: Sendable {
    let next = Atomic(0)
    let done = Atomic(0)
  }

  /// Walks through `places`; the number before them is a neighbour of the first where it is `after` another piece.
  private func walk(_ places: ClosedRange<Int>, after: Bool, into report: inout ExhaustiveReport) throws {
    let inputs = ((after ? places.lowerBound - 1 : places.lowerBound)...places.upperBound).map {
      Float(place: UInt32($0))
    }
    let outputs = values(inputs)
    precondition(outputs.count == inputs.count, "\(outputs.count) results for \(inputs.count) inputs")
    for index in inputs.indices {
      let (x, y) = (inputs[index], outputs[index])
      if index > 0, direction.isViolated(from: inputs[index - 1], outputs[index - 1], to: x, y) {
        report.addViolation(at: x)
      }
      if after && index == 0 { continue }
      report.inputs += 1
      if filter.rounded(x) == y { report.correctlyRounded += 1 } else { try decide(x, y, into: &report) }
    }
  }

  /// Holds y against the exact value at x.
  private func decide(_ x: Float, _ y: Float, into report: inout ExhaustiveReport) throws {
    let (relative, absolute) = (function.relativeError.rational, function.absoluteError.rational)
    let (ulps, isWithin) = try PrecisionLoop.decide { precision throws(EnclosureError) -> (Double, Bool)? in
      let exact = try exactValue(x, precision)
      guard let distance = ElementDrift.distance(from: y, to: exact),
        let bound = Tolerance.oneRounding(of: exact, relativeError: relative, absoluteError: absolute)
      else {
        // The bound ends where Float32 does: the result must be the infinity of the value's sign.
        guard let least = Rational(exactly: Float.greatestFiniteMagnitude), exact.leastMagnitude > least else {
          return y.isFinite ? nil : (.infinity, false)
        }
        let isInfinite = y == (exact.midpoint.signum() < 0 ? -Float.infinity : .infinity)
        return (isInfinite ? 0 : .infinity, isInfinite)
      }
      if distance.lower <= bound && bound < distance.upper { return nil }
      return (ElementDrift(distance: distance.upper, exact: exact).ulps, distance.upper <= bound)
    }
    report.add(
      ExhaustiveReport.Finding(input: x.hexadecimal, output: y.hexadecimal, ulps: ulps, place: x.place),
      isWithin: isWithin)
  }

  /// The exact value at x.
  private func exactValue(_ x: Float, _ precision: Int) throws(EnclosureError) -> Ball {
    // Beyond 2¹⁰ an exponential is larger than any Float32, or next to nothing.
    let limited = function == .exponential ? max(-1024, min(x, 1024)) : x
    guard let rational = Rational(exactly: limited) else { throw .argumentOutsideDomain(function: function.rawValue) }
    let ball = Ball(rational)
    let row = Activation(shape: [1], elements: [ball])
    return switch function {
    case .relu: Reference.relu(row).elements[0]
    case .silu: Reference.silu(row, precision: precision).elements[0]
    case .gelu: Reference.gelu(row, precision: precision).elements[0]
    case .geluTanh: try Reference.geluTanh(row, precision: precision).elements[0]
    case .exponential: try Ball.exp(ball, precision: precision)
    case .hyperbolicTangent: Ball.tanh(ball, precision: precision)
    }
  }
}

/// Where a function rises and where it falls.
private struct Direction: Sendable {
  /// It falls up to the first and rises from the second on, two Float32s around its only minimum.
  private let turn: (last: Float, first: Float)

  /// The minima of the three units: 40-digit roots of the derivatives, computed with mpmath, cut outward to seven digits.
  init(_ function: Engine.ElementaryFunction) {
    turn =
      switch function {
      case .relu, .exponential, .hyperbolicTangent: (-.infinity, -.infinity)
      case .silu: (-1.278465, -1.278464)
      case .gelu: (-0.751792, -0.751791)
      case .geluTanh: (-0.752462, -0.752461)
      }
  }

  /// Whether the results at two neighbours, in ascending order, run against the direction.
  func isViolated(from x0: Float, _ y0: Float, to x1: Float, _ y1: Float) -> Bool {
    if x0 >= turn.first { return !(y0 <= y1) }
    if x1 <= turn.last { return !(y0 >= y1) }
    return false
  }
}
