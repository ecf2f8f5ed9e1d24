import CPlumbline
import PlumbCases
import PlumbFormats
import PlumbGrading
import PlumbReports
import PlumbTolerance
import PlumbVerdicts
import Synchronization

/// The grade of a dump; `plumbline.h` has the arguments.
@_cdecl("plumbline_grade")
public func grade(
  _ model: UnsafePointer<CChar>?, _ dump: UnsafePointer<CChar>?, _ options: UnsafePointer<CChar>?,
  _ progress: Listener.Function?, _ context: UnsafeMutableRawPointer?,
  _ place: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> CInt {
  unsafe answer(place) {
    let (path, file) = try unsafe (text(model, "model"), text(dump, "dump"))
    let options = try GradeOptions(try unsafe members(options, "options"))
    let listener = unsafe Listener(progress, context)
    do {
      let model = try loadedModel(path)
      let measurement = try GradeMeasurement.reading(
        file, of: model, tokens: model.checked(options.tokens), arithmetic: options.arithmetic, names: options.names
      ).1
      return try ReportJSON.text(of: try graded(measurement, options, listener))
    } catch {
      if listener.isStopped { throw Stopped() }
      switch error {
      case is GradeError, is PromptError, is ArithmeticError: throw BadArgument("\(error)")
      default: throw error
      }
    }
  }
}

/// The model at `path`, or the shipped or seeded one.
func loadedModel(_ path: String) throws -> LoadedModel {
  switch path {
  case "shipped": .shipped
  case "seeded": .seeded
  default: try .open(path: path)
  }
}

private func graded(
  _ measurement: GradeMeasurement, _ options: GradeOptions, _ listener: Listener
) throws -> GradeAnswer {
  let result = try measurement.report(
    isCumulative: !options.isLocalOnly, isInterrupted: { listener.isStopped }, progress: { listener.hear($0) })
  var report = result.report
  if options.diagnoses, let failure = result.failure, !listener.isStopped {
    report.firstCause =
      Patience.result(isOver: { listener.isStopped }) {
        Diagnosis(failure) { listener.hear($0) }.explanation()
      } ?? report.firstCause
  }
  if listener.isStopped { throw Stopped() }
  let page = options.hasPage ? GradePage(report, command: ["plumbline_grade"], version: "").text : nil
  return GradeAnswer(report: report, text: GradeTable(report).text, page: page)
}

/// The JSON of a grade: the report, what `plumb grade` prints of it, and the page where it was asked for.
private struct GradeAnswer: Encodable {
  let report: GradeReport
  let text: String
  let page: String?

  private enum CodingKeys: CodingKey { case text, page }

  func encode(to encoder: any Encoder) throws {
    try report.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(text, forKey: .text)
    try container.encodeIfPresent(page, forKey: .page)
  }
}

/// The caller's function that hears how far the work is, and may end it.
///
/// Sendable, as its calls come one at a time; the header says from which threads.
@safe public final class Listener: @unchecked Sendable {
  /// The type of the function: context, line.
  public typealias Function = @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<CChar>?) -> CInt

  private let function: Function?
  private let context: UnsafeMutableRawPointer?
  private let turn = Mutex(())
  private let stopped = Atomic(false)

  init(_ function: Function?, _ context: UnsafeMutableRawPointer?) {
    unsafe self.function = function
    unsafe self.context = context
  }

  /// Whether the function asked for an end.
  var isStopped: Bool { stopped.load(ordering: .relaxed) }

  func hear(_ line: String) {
    guard let function = unsafe function else { return }
    turn.withLock { _ in
      if isStopped { return }
      // Sound: the text lives until the function returns.
      let status = unsafe line.withCString { unsafe function(context, $0) }
      if status != PLUMBLINE_COMPUTED { stopped.store(true, ordering: .relaxed) }
    }
  }
}
