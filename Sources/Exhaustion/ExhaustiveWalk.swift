import PlumbEngine
import PlumbExact
import PlumbModel
import PlumbReference
import PlumbTolerance
import PlumbVerdicts
import Synchronization

/// All inputs of an elementary function, or a range of them, each against the exact value.
///
/// If the filter's error allows one Float32 only, and the engine gave it, the result is the exact value correctly
/// rounded. If the filter's error does not matter beside the declared accuracy, it decides too. All others are decided
/// by the exact reference, in balls. For NaNs, infinities and what is outside a function's domain the engine must give what
/// it declares.
package struct ExhaustiveWalk: Sendable {
  private let function: Engine.ElementaryFunction
  private let instructionSet: Engine.InstructionSet
  private let filter: FunctionFilter
  private let relativeError: Double
  private let absoluteError: Double
  /// The function of the engine, or what stands for it.
  private let values: @Sendable ([Float]) -> [Float]

  /// Makes a walk through the inputs of `function`, or of what stands for it.
  ///
  /// - Throws: `EnclosureError` where a table could not be enclosed, which is a bug.
  package init(
    _ function: Engine.ElementaryFunction, instructionSet: Engine.InstructionSet = .current,
    values: (@Sendable ([Float]) -> [Float])? = nil
  ) throws {
    self.function = function
    self.instructionSet = instructionSet
    self.values = values ?? { function.values($0, instructionSet: instructionSet) }
    filter = try FunctionFilter(function)
    relativeError = function.relativeError
    absoluteError = function.absoluteError
  }

  /// The numbers from LOW to HIGH of a text `LOW...HIGH`; `nil` where these are not two finite numbers in order.
  package static func range(_ text: String) -> ClosedRange<Float>? {
    let parts = text.split(separator: "...", omittingEmptySubsequences: false).map { Float($0) }
    guard parts.count == 2, let low = parts[0], let high = parts[1], low.isFinite, high.isFinite, low <= high else {
      return nil
    }
    return low...high
  }

  /// The inputs that are taken at a time.
  private static let pieceSize = 1 << 16

  /// Walks from `range`'s lowest to its highest number, or through all 2³² Float32s, on `jobs` threads, and stops early when
  /// `isInterrupted`.
  ///
  /// `progress` is told the part that is done, from 0 to 1.
  ///
  /// Results that 4096 bits do not decide, as where a distance equals its bound, are counted as undecided. Of several shards each
  /// walks through its part of the numbers, and compares the first with the last of the part before.
  package func report(
    _ range: ClosedRange<Float>? = nil, jobs: Int = 1, shard: Shard = .whole,
    isInterrupted: @Sendable () -> Bool = { false }, progress: @Sendable (Double) -> Void = { _ in }
  ) -> ExhaustiveReport {
    // The place of the lowest is that of −0 where it is a zero, so that both zeros are walked through.
    let first = range.map { Int(($0.lowerBound == 0 ? -0.0 : $0.lowerBound).place) } ?? 0
    let last = range.map { Int(($0.upperBound == 0 ? 0.0 : $0.upperBound).place) } ?? Int(UInt32.max)
    let all = (last - first) / Self.pieceSize + 1
    let ours = all * shard.index / shard.count..<all * (shard.index + 1) / shard.count
    let pieces = ours.count
    let deal = Deal()
    let start = ContinuousClock.now
    let parts = concurrentMap(max(1, jobs)) { _ in
      var part = ExhaustiveReport(function, instructionSet)
      while !isInterrupted() {
        let place = deal.next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard place < pieces else { return part }
        let piece = ours.lowerBound + place
        let start = first + piece * Self.pieceSize
        walk(start...min(start + Self.pieceSize - 1, last), after: piece > 0, into: &part)
        progress(Double(deal.done.wrappingAdd(1, ordering: .relaxed).newValue) / Double(pieces))
      }
      part.isComplete = false
      return part
    }
    var report = ExhaustiveReport(function, instructionSet)
    for part in parts { report.join(part) }
    // An interruption after the last piece has cut off nothing.
    if deal.done.load(ordering: .relaxed) == pieces { report.isComplete = true }
    report.range = range.map { "\($0.lowerBound.hexadecimal)...\($0.upperBound.hexadecimal)" }
    report.shards = [shard]
    report.seconds = (ContinuousClock.now - start) / .seconds(1)
    return report
  }

  /// The counters that the jobs share.
  private final class Deal: Sendable {
    let next = Atomic(0)
    let done = Atomic(0)
  }

  /// Walks through `places`; the number before them is a neighbour of the first where it is `after` another piece.
  private func walk(_ places: ClosedRange<Int>, after: Bool, into report: inout ExhaustiveReport) {
    let inputs = ((after ? places.lowerBound - 1 : places.lowerBound)...places.upperBound).map {
      Float(place: UInt32($0))
    }
    let outputs = values(inputs)
    precondition(outputs.count == inputs.count, "\(outputs.count) results for \(inputs.count) inputs")
    var last = (y: Float.nan, near: FunctionFilter.Value(.nan, relative: 0))
    var correctlyRounded = 0
    for index in inputs.indices {
      let (x, y) = (inputs[index], outputs[index])
      let near = filter(x)
      // Results that are equal, or none, are in no order.
      if y < last.y || y > last.y {
        switch isViolated(inputs[index - 1], last, x, (y, near)) {
        case true?: report.addViolation(at: x)
        case false?: break
        case nil: report.addUndecided(at: x)
        }
      }
      last = (y, near)
      if after && index == 0 { continue }
      if near.rounded == y && (y != 0 || hasSignOfZero(x, y)) {
        correctlyRounded += 1
      } else {
        decide(x, y, near, into: &report)
      }
    }
    report.inputs += places.count
    report.correctlyRounded += correctlyRounded
  }

  /// A result, and what the filter knows of the exact value.
  private typealias Result = (y: Float, near: FunctionFilter.Value)

  /// Whether the results at two inputs, which differ, are in the other order than the exact values: by the filter where its
  /// values are farther apart than their errors, in balls where they are not; `nil` where these do not tell either.
  private func isViolated(_ x0: Float, _ first: Result, _ x1: Float, _ second: Result) -> Bool? {
    let rises = first.y < second.y
    let gap = (second.near.value - first.near.value).magnitude
    // The difference of the two rounds by less than the errors' own share for it.
    if gap > first.near.error + second.near.error { return rises != (first.near.value < second.near.value) }
    guard gap.isFinite else { return false }
    return try? PrecisionLoop.decide { precision throws(EnclosureError) -> Bool? in
      let (low, high) = (try exactValue(x0, precision), try exactValue(x1, precision))
      if low.upper < high.lower { return !rises }
      if high.upper < low.lower { return rises }
      return low.isExact && high.isExact ? false : nil
    }
  }

  /// Holds y against the exact value at x.
  private func decide(_ x: Float, _ y: Float, _ near: FunctionFilter.Value, into report: inout ExhaustiveReport) {
    func add(_ ulps: Double, isWithin: Bool) {
      report.add(ExhaustiveReport.Finding(input: x, output: y, ulps: ulps), isWithin: isWithin)
    }
    if x.isFinite && y == 0 && !hasSignOfZero(x, y) { return add(0, isWithin: false) }
    guard x.isFinite, near.value.isFinite else {
      // A limit, an infinity or no value is declared.
      if near.value.isNaN ? y.isNaN : Double(y) == near.value {
        report.correctlyRounded += 1
      } else {
        add(.infinity, isWithin: false)
      }
      return
    }
    if let ulps = ulpsAtMost(y, near) { return add(ulps, isWithin: true) }
    report.decidedExactly += 1
    guard let (ulps, isWithin) = decideExactly(x, y) else { return report.addUndecided(at: x) }
    add(ulps, isWithin: isWithin)
  }

  /// Whether a zero that is the result at x has the sign of the exact value, or at a zero of the function that of IEEE 754's
  /// operation: the argument's at x = 0.
  private func hasSignOfZero(_ x: Float, _ y: Float) -> Bool {
    let isNegative =
      switch function {
      case .relu: x == 0 && x.sign == .minus
      case .silu, .gelu, .geluTanh, .hyperbolicTangent, .errorFunction, .logarithmOfOnePlus, .sine: x.sign == .minus
      case .sigmoid, .exponential, .logarithm, .cosine, .reciprocalSquareRoot: false
      }
    return (y.sign == .minus) == isNegative
  }

  /// At most how far y lies from the exact value, in ulps; `nil` where the filter cannot tell that it is within the declared
  /// accuracy.
  ///
  /// |y − exact| ≤ d with d the distance to the filter's value and the filter's error, whose share for a sum covers the
  /// difference's rounding. The bound is at least half the spacing at the least magnitude that the exact value may have, and
  /// the declared error there; the last products' roundings are within the 2⁻⁴⁰.
  private func ulpsAtMost(_ y: Float, _ near: FunctionFilter.Value) -> Double? {
    let least = near.value.magnitude - near.error
    guard y.isFinite, least >= 0, near.value.magnitude + near.error < Double(Float.greatestFiniteMagnitude) else {
      return nil
    }
    let below = Float(least)
    let spacing = Double((Double(below) > least ? below.nextDown : below).ulp)
    let distance = (Double(y) - near.value).magnitude + near.error
    guard distance <= 0.5 * spacing + relativeError * least * (1 - 0x1p-40) else { return nil }
    return (distance / spacing).nextUp
  }

  /// The same against the exact value, in balls; `nil` where no precision tells.
  private func decideExactly(_ x: Float, _ y: Float) -> (ulps: Double, isWithin: Bool)? {
    let (relative, absolute) = (relativeError.rational, absoluteError.rational)
    return try? PrecisionLoop.decide { precision throws(EnclosureError) -> (Double, Bool)? in
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
    case .sigmoid: Ball.sigmoid(ball, precision: precision)
    case .exponential: try Ball.exp(ball, precision: precision)
    case .hyperbolicTangent: Ball.tanh(ball, precision: precision)
    case .errorFunction: Ball.erf(ball, precision: precision)
    case .logarithm: try Ball.log(ball, precision: precision)
    case .logarithmOfOnePlus: try Ball.log1p(ball, precision: precision)
    case .sine: Ball.sin(ball, precision: precision)
    case .cosine: Ball.cos(ball, precision: precision)
    case .reciprocalSquareRoot: try Ball.reciprocalSquareRoot(ball, precision: precision)
    }
  }
}
