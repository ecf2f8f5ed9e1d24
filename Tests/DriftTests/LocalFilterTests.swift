import Foundation
import PlumbFormats
import PlumbModel
import Testing

@testable import PlumbVerdicts

/// The filter and the exact path on every activation of a pass: the same report, to the digit.
@Suite struct LocalFilterTests {
  private static let trace: Result<EngineTrace, DriftError> = Result { () throws(DriftError) in
    try EngineTrace.record(SeededModel.transformer, Array("A plumb line.".utf8).map { Int($0) })
  }

  /// A fault that somebody's engine might have in one activation.
  enum Fault: CaseIterable, Sendable {
    case none, oneUlp, everyUlp, scaled, twoRoundings, oneSign, oneZero, halfUlps

    /// The activation `x` with the fault.
    func planted(in x: Activation<Float>) -> Activation<Float> {
      var x = x
      let places = x.elements.indices.filter { x.elements[$0].isFinite && x.elements[$0] != 0 }
      guard let place = places.dropFirst(places.count / 3).first else { return x }
      switch self {
      case .none: break
      case .oneUlp: x.elements[place] = x.elements[place].nextUp
      case .everyUlp: for place in places { x.elements[place] = x.elements[place].nextUp }
      case .scaled: for place in places { x.elements[place] *= 1.0001 }
      case .twoRoundings: for place in places { x.elements[place] = Float(Float16(x.elements[place])) }
      case .oneSign: x.elements[place].negate()
      case .oneZero: x.elements[place] = 0
      case .halfUlps: for place in places where place % 3 == 0 { x.elements[place] = x.elements[place].nextDown }
      }
      return x
    }
  }

  /// Faults change what comes after as little as what came before: each activation is judged on the trace's inputs.
  @Test(arguments: Fault.allCases) func theReportIsTheExactPaths(fault: Fault) throws {
    let clean = try Self.trace.get()
    let transformer = SeededModel.transformer
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    var outside = 0
    for name in clean.order where name.block != 0 || fault == .none {
      var trace = clean
      trace.record(name, fault.planted(in: clean[name.role, in: name.block]))
      let exact = LocalMeasurement(transformer: transformer, trace: trace).measure(name)
      let verdicts = try LocalVerdicts(transformer, trace, of: [name])
      let filtered = try #require(verdicts.drifts[name])
      #expect(filtered.verdict == exact.verdict, "\(name)")
      let texts = try [filtered, exact].map { String(decoding: try encoder.encode($0), as: UTF8.self) }
      #expect(texts[0] == texts[1], "\(name)")
      if exact.verdict == .outside { outside += 1 }
    }
    // A fault that nobody sees tests nothing; one ulp may be within the bound of a sum, and a correct engine is.
    if ![.none].contains(fault) { #expect(outside > 0) }
  }

  /// Sums that cannot round have the bound 0: rows with a single power of two, whose products are the weights.
  @Test func sumsThatCannotRoundAreJudgedByEquality() throws {
    var trace = try Self.trace.get()
    for (input, output) in [
      (ActivationName.Role.attentionNorm, ActivationName.Role.query), (.feedForwardNorm, .gate),
      (.rotatedQuery, .attentionScores),
    ] {
      var x = trace[input, in: 0]
      for index in x.elements.indices {
        let (row, column) = (index / x.columns, index % x.columns)
        x.elements[index] = column == row % x.columns ? 0.5 : row % 3 == 1 && column == 0 ? 0x1p-30 : 0
      }
      trace.record(ActivationName(block: 0, input), x)
      let name = ActivationName(block: 0, output)
      let exact = LocalMeasurement(transformer: SeededModel.transformer, trace: trace).measure(name)
      let filtered = try #require(try LocalVerdicts(SeededModel.transformer, trace, of: [name]).drifts[name])
      #expect(filtered.verdict == exact.verdict && exact.verdict == .outside)
      #expect(filtered.margin == exact.margin && filtered.bound == exact.bound && filtered.ulps == exact.ulps)
      #expect(filtered.margins == exact.margins && filtered.worstUlps == exact.worstUlps)
      #expect(filtered.medianUlps == exact.medianUlps && filtered.relative == exact.relative)
      #expect(exact.margin == .infinity, "\(name): no bound of 0")
    }
  }

  /// The filter decides almost everything that a real pass computes.
  @Test func fewElementsAreLeftToTheExactPath() throws {
    let trace = try Self.trace.get()
    let verdicts = try LocalVerdicts(SeededModel.transformer, trace, of: trace.order)
    let elements = trace.order.reduce(0) { $0 + trace[$1.role, in: $1.block].elements.count }
    #expect(verdicts.filteredElements + verdicts.exactElements == elements)
    #expect(verdicts.exactElements < elements / 8, "\(verdicts.exactElements) of \(elements)")
  }

  /// Numbers that are not finite are the exact path's.
  @Test(arguments: [Float.nan, .infinity, -.infinity]) func numbersThatAreNotFiniteGiveTheExactPathsReport(
    value: Float
  ) throws {
    var trace = try Self.trace.get()
    var x = trace[.gate, in: 0]
    x.elements[5] = value
    trace.record(ActivationName(block: 0, .gate), x)
    for role in [ActivationName.Role.gate, .activatedGate] {
      let name = ActivationName(block: 0, role)
      let exact = LocalMeasurement(transformer: SeededModel.transformer, trace: trace).measure(name)
      let filtered = try #require(try LocalVerdicts(SeededModel.transformer, trace, of: [name]).drifts[name])
      #expect(filtered.verdict == exact.verdict)
      #expect(filtered.margin == exact.margin && filtered.ulps == exact.ulps)
      #expect(filtered.outsideDomain == exact.outsideDomain)
    }
  }
}
