import Foundation
import PlumbCases
import PlumbExact
import PlumbFormats
import PlumbModel
import PlumbMutants
import Testing

@testable import PlumbBounds
@testable import PlumbFuzzing
@testable import PlumbVerdicts

/// Every layer over sizes up to 4,096 and numbers of every exponent, NaN and infinities: nothing traps, and whoever decides
/// a case says the same of it.
///
/// `PLUMB_SIZES_SECONDS` gives all layers together that many seconds of further cases.
@Suite struct SizesTests {
  private static let usualCases = 3

  private static let seconds = ProcessInfo.processInfo.environment["PLUMB_SIZES_SECONDS"].flatMap { Double($0) }

  /// Outputs that a case is decided with: the engine's, and wrong ones.
  private static func outputs(_ engine: Activation<Float>, _ number: Int) -> [Activation<Float>] {
    let moves: [@Sendable (Float) -> Float] = [
      \.nextUp, { $0 * 1.5 }, { _ in .greatestFiniteMagnitude }, { $0.isFinite ? -$0 : 1 }, { _ in 0 }, { _ in .nan },
    ]
    return [engine, engine.map(moves[number % moves.count])]
  }

  @Test(arguments: LayerKind.allCases) func whoeverDecidesSaysTheSame(layer: LayerKind) throws {
    let end = Self.seconds.map { ContinuousClock.now + .seconds($0 / Double(LayerKind.allCases.count)) }
    for number in 0... {
      if let end { if ContinuousClock.now >= end { break } } else if number == Self.usualCases { break }
      let source = HostileCase.make(layer, number)
      let input = try CheckedCase(source)
      let line = "case \(number) of \(layer.rawValue), \(input.extents), \(source.attributes)"
      let outputs = Self.outputs(Catalogue.engine(input), number)
      var judge = CaseJudge(input)
      let filtered = Filter.expectation(of: input)
      let exact = Self.exact(input)
      if let filtered {
        try FilterAgreement.check(filtered, try #require(exact, "\(line)"), line)
      }
      for (kind, output) in outputs.enumerated() {
        let drift = judge.decideExactly(output)
        if kind == 0 { #expect(drift.verdict != .outside, "\(line)") }
        if let filtered {
          FilterAgreement.check(filtered, output, drift, "output \(kind) of \(line)")
        }
        // The survey takes the place of rational numbers from some size on.
        if let exact, let plain = LocalComparison.comparePlainly(output, with: exact),
          case .drift(let surveyed)? = LocalComparison.survey(output, with: exact)
        {
          #expect("\(surveyed)" == "\(plain)", "output \(kind) of \(line)")
        }
      }
    }
  }

  /// The expectation at the least precision at which there is one.
  private static func exact(_ input: CheckedCase) -> PlumbBounds.Expectation? {
    let found: PlumbBounds.Expectation?? = try? PrecisionLoop.decide(from: 192) { precision throws(EnclosureError) in
      .some(try Catalogue.expectation(of: input, precision: precision))
    }
    return found ?? nil
  }

  /// Requests and answers arrive as they were sent: over a process that gives back what it gets.
  @Test(arguments: LayerKind.allCases) func aPipeLosesNothing(layer: LayerKind) throws {
    let mirror = try #require(EngineProcess("exec cat"))
    for number in 0..<2 {
      let source = HostileCase.make(layer, number)
      let request = EngineMessage.request(try CheckedCase(source), number: number)
      let reply = try mirror.exchange(request, limit: .seconds(60), greatest: request.count)
      #expect(reply == request)
      let file = try SafeTensors(bytes: WeightArray(reply), file: "reply")
      let back = try LayerCase(file, name: "reply")
      #expect(CaseLine(back).text.hasPrefix(layer.rawValue) && Self.bits(back) == Self.bits(source), "case \(number)")
      let output = Catalogue.engine(try CheckedCase(source))
      var writer = SafeTensorsWriter()
      writer.add("output", shape: output.shape, output.elements)
      let answered = try EngineMessage.output(
        try mirror.exchange(
          writer.bytes(), limit: .seconds(60), greatest: EngineMessage.greatestReply(to: try CheckedCase(source))),
        to: try CheckedCase(source))
      #expect(answered.elements.map(\.bitPattern) == output.elements.map(\.bitPattern), "case \(number)")
    }
  }

  /// Every tensor's bits: NaN is equal to itself here.
  private static func bits(_ input: LayerCase) -> [String: [UInt64]] {
    input.tensors.mapValues { tensor in
      switch tensor {
      case .real(let activation): activation.elements.map { UInt64($0.bitPattern) }
      case .integer(let activation): activation.elements.map { UInt64(bitPattern: Int64($0)) }
      }
    }
  }
}
