import CPlumbline
import PlumbCases
import PlumbExhaustion
import PlumbFuzzing
import PlumbModel
import PlumbTolerance
import PlumbVerdicts

/// A case drawn by its number; `plumbline.h` has the arguments.
@_cdecl("plumbline_draw")
public func draw(
  _ name: UnsafePointer<CChar>?, _ options: UnsafePointer<CChar>?, _ number: Int64,
  _ drawn: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ place: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> CInt {
  unsafe give(drawn, "drawn", place) {
    let layer = try unsafe layer(name)
    let options = try unsafe PlumbCInterface.options(options, for: layer)
    guard let number = Int(exactly: number), number >= 0 else { throw BadArgument("there is no case \(number)") }
    let strategies = options.turns.strategies
    guard !strategies.isEmpty else {
      throw BadArgument("a search needs a kernel: its cases follow from what was found")
    }
    let sequence = CaseSequence(
      layer: layer, strategies: strategies, seed: options.seed, shape: options.shape,
      attributes: options.attributes)
    return (try CheckedCase(options.arithmetic.prepared(sequence[number])), number)
  }
}

/// The case of a line; `plumbline.h` has the arguments.
@_cdecl("plumbline_read")
public func read(
  _ line: UnsafePointer<CChar>?, _ read: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
  _ place: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> CInt {
  unsafe give(read, "read", place) {
    let input = try CheckedCase(try CaseLine.parse(try unsafe text(line, "line")))
    try input.expectReasonableOutput()
    return (input, nil)
  }
}

/// Puts the case that `body` makes into `place`.
private func give(
  _ place: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ name: String, _ textPlace: TextPlace,
  _ body: () throws -> (CheckedCase, Int?)
) -> CInt {
  unsafe place?.pointee = nil
  return unsafe answer(textPlace) {
    guard let place = unsafe place else { throw BadArgument("'\(name)' is a null pointer") }
    let (input, number) = try body()
    // Sound: the place is the caller's, for one pointer.
    unsafe place.pointee = UnsafeMutableRawPointer(caseBlock(input, number: number, line: true))
    return nil
  }
}

/// Many cases of a layer, decided; `plumbline.h` has the arguments.
@_cdecl("plumbline_fuzz")
public func fuzz(
  _ name: UnsafePointer<CChar>?, _ options: UnsafePointer<CChar>?, _ kernel: Kernel.Function?,
  _ context: UnsafeMutableRawPointer?, _ place: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> CInt {
  unsafe answer(place) {
    let layer = try unsafe layer(name)
    let options = try unsafe PlumbCInterface.options(options, for: layer)
    let subject = FuzzSubject.kernel(try unsafe Kernel(kernel, context).called(in: options.arithmetic))
    let run = FuzzRun(
      layer: layer, strategies: options.turns.strategies, searches: options.turns.searches,
      objective: options.objective, seed: options.seed, shape: options.shape,
      attributes: options.attributes, shrinking: FuzzRun.ShrinkingLimits(time: options.shrinkingTime), subject: subject)
    var report = try run.report(options.cases, shard: options.shard)
    report.engine = "a kernel that was called"
    report.arithmetic = options.arithmetic.description
    return try ReportJSON.text(of: report)
  }
}

/// The reports of shards, joined; `plumbline.h` has the arguments.
@_cdecl("plumbline_merge")
public func merge(
  _ reports: UnsafePointer<CChar>?, _ place: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> CInt {
  unsafe answer(place) {
    let bytes = Array(try unsafe text(reports, "reports").utf8)
    if let walked = try ExhaustiveReport.read(bytes) {
      guard let joined = try ExhaustiveReport.joined(walked).first, Set(walked.map(\.function)).count == 1 else {
        throw BadArgument("'reports' are not the shards of a walk of one function")
      }
      return try ReportJSON.text(of: joined)
    }
    let reports = try FuzzReport.read(bytes)
    guard let joined = try FuzzReport.joined(reports).first, Set(reports.map(\.layer)).count == 1 else {
      throw BadArgument("'reports' are not the shards of a run of one layer")
    }
    return try ReportJSON.text(of: joined)
  }
}

/// A failing case made smaller; `plumbline.h` has the arguments.
@_cdecl("plumbline_shrink")
public func shrink(
  _ line: UnsafePointer<CChar>?, _ options: UnsafePointer<CChar>?, _ kernel: Kernel.Function?,
  _ context: UnsafeMutableRawPointer?, _ place: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> CInt {
  unsafe answer(place) {
    let source = try CaseLine.parse(try unsafe text(line, "line"))
    let options = try unsafe PlumbCInterface.options(options, for: source.layer)
    let subject = FuzzSubject.kernel(try unsafe Kernel(kernel, context).called(in: options.arithmetic))
    let input = try CheckedCase(options.arithmetic.prepared(source))
    try input.expectReasonableOutput()
    let (small, drift) = try subject.smallest(
      input, keeping: Set(options.attributes.texts.keys), time: options.shrinkingTime)
    return try ReportJSON.text(
      of: ShrunkCase(
        report: CaseReport(
          layer: source.layer.rawValue, engine: nil, arithmetic: options.arithmetic.description, drift: drift,
          replays: 1, failed: drift.verdict == .outside ? 1 : 0), replay: CaseLine(small).text))
  }
}

/// The JSON of a case that was made smaller.
private struct ShrunkCase: Encodable {
  let report: CaseReport
  let replay: String

  private enum CodingKeys: CodingKey { case replay }

  func encode(to encoder: any Encoder) throws {
    try report.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(replay, forKey: .replay)
  }
}
