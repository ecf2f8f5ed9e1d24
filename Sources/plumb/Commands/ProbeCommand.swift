import ArgumentParser
import PlumbFuzzing
import PlumbTolerance
import PlumbVerdicts

/// `plumb probe`: the way in which somebody's matrix product adds.
struct ProbeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "probe",
    abstract: "Finds how another engine's matrix product adds, and which arithmetic that is.",
    discussion: """
      Sums of chosen numbers, of which two are great and opposite, tell which terms are added before which: one after the \
      other, in lanes, by halves, in blocks that a matrix unit adds at once. What is printed as fitting was not refuted, \
      and drawn cases are held to its bounds. Exit status: 0 when no drawn case is outside, 1 when one is, 2 for a usage \
      error or bad input.
      """)

  @Option(
    help: ArgumentHelp(
      "The engine: a command for /bin/sh, as for 'plumb fuzz', that computes linear (default: this engine).",
      valueName: "command"))
  var engine: String?

  @Option(
    help: ArgumentHelp(
      "The format of its tensors: f32, bf16, f16 or tf32 (default: f32).",
      valueName: "model"), completion: Completions.arithmetic)
  var arithmetic = "f32"

  @Option(help: ArgumentHelp("The products in each sum, 4 to 256 (default: 64, of f16 17).", valueName: "count"))
  var terms: Int?

  @Option(help: ArgumentHelp("Drawn cases for each arithmetic that fits.", valueName: "count"))
  var cases = 200

  @Option(help: ArgumentHelp("Where random choices start.", valueName: "n"), transform: Seed.parse)
  var seed: UInt64 = 0

  @Flag(help: "Print JSON; its schema is documented in the library's documentation, page JSON.")
  var json = false

  /// The most arithmetics that do not fit of which a person reads.
  private static let mostExcluded = 8

  func validate() throws {
    if let terms, !SummationProbe.terms.contains(terms) { throw ValidationError("'--terms' must be from 4 to 256.") }
    if cases < 1 { throw ValidationError("'--cases' must be at least 1.") }
    _ = try model
    if arithmetic.contains(",") {
      throw ValidationError("'--arithmetic' is a format here, such as bf16: how it adds is what is looked for.")
    }
  }

  private var model: ArithmeticModel {
    get throws {
      do throws(ArithmeticError) {
        return try ArithmeticModel(parsing: arithmetic)
      } catch {
        throw ValidationError("'--arithmetic': \(error.problem).")
      }
    }
  }

  func run() throws {
    let model = try model
    let chosen = Arithmetic.model(model)
    let subject = engine.map { FuzzSubject.command(EngineCommand($0, arithmetic: chosen)) } ?? .engine(chosen)
    let report: ProbeReport
    do {
      let count = terms ?? (model.storage.greatest < 0x1p100 ? 17 : 64)
      report = try SummationProbe(subject, model, terms: count).report(cases: cases, seed: seed)
    } catch {
      throw BadInput(message: "\(error)")
    }
    if json { try printJSON(report) } else { show(report) }
    guard report.fits.allSatisfy({ $0.outside == 0 }) else { throw ExitCode(1) }
  }

  /// The longest text of a tree that is printed.
  private static let longestTree = 300

  private func show(_ report: ProbeReport) {
    StandardOutput.print("engine    \(report.engine ?? "this one")")
    StandardOutput.print("order     of \(report.terms) products: \(report.order)")
    if let tree = report.tree {
      let text = tree.count > Self.longestTree ? tree.prefix(Self.longestTree) + " …" : tree
      for line in WrappedText.lines(text, lead: "sum       ") { StandardOutput.print(line) }
    }
    if let bits = report.keptBits, let isNearest = report.isNearest {
      let rest = isNearest ? "rounded to the nearest" : "cut"
      StandardOutput.print("kept      \(bits) bits below the greater of two numbers; what lies below is \(rest)")
    } else {
      StandardOutput.print("kept      every bit that was tried below the greater of two numbers")
    }
    let excluded = report.excluded.prefix(Self.mostExcluded)
    let width = (report.fits.map(\.arithmetic) + excluded.map(\.arithmetic)).map(\.count).max() ?? 0
    for fit in report.fits {
      let cases =
        fit.outside == 0 ? "none of \(fit.cases) cases outside" : "\(fit.outside) of \(fit.cases) cases OUTSIDE"
      StandardOutput.print(
        "fits      \(ReportText.left(fit.arithmetic, width))  \(cases), greatest margin \(ReportText.short(fit.margin))"
      )
    }
    for exclusion in excluded {
      StandardOutput.print("not       \(ReportText.left(exclusion.arithmetic, width))  \(exclusion.reason)")
    }
    let rest = report.excluded.count - excluded.count
    if rest > 0 { StandardOutput.print("          and \(rest) more, which '--json' lists") }
  }
}
