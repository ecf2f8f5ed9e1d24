import ArgumentParser
import PlumbModel
import PlumbMutants
import PlumbReports

/// `plumb mutants`: plants bugs, and shows how soon each is found out, and by what.
struct MutantsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mutants",
    abstract: "Plants bugs in a layer, and shows how many cases find each, by proved bounds and by usual tolerances.",
    discussion: """
      A mutant is found when its output is outside a proved bound. Beside it, on the same cases, stand five criteria \
      that the field uses: each is given the exact result, correctly rounded, and a rejection counts where the \
      criterion accepts the correct engine. Exit status: 0 when every mutant that rounding cannot explain is found and \
      the correct engine never is outside, 1 otherwise, 2 for a usage error.
      """)

  @Argument(help: "The layer, or 'all'.", completion: Completions.layerOrAll)
  var layer = "all"

  @Option(help: ArgumentHelp("The number of cases of each layer.", valueName: "count"))
  var cases = 1000

  @Option(help: ArgumentHelp("Where random choices start.", valueName: "n"), transform: Seed.parse)
  var seed: UInt64 = 0

  @Flag(help: "Print JSON; its schema is documented in the library's documentation, page JSON.")
  var json = false

  func validate() throws {
    if case .custom? = try LayerArgument.layers(layer).first {
      throw ValidationError("No bugs are planted in a formula of one's own.")
    }
    if cases < 1 { throw ValidationError("'--cases' must be at least 1.") }
  }

  func run() throws {
    let layers = try LayerArgument.layers(layer)
    let progress = Progress()
    var reports: [MutantReport] = []
    try Interrupt.watched { interrupt throws(BadInput) in
      for layer in layers where !interrupt.isRequested {
        do {
          reports.append(
            try MutantRun(layer: layer, seed: seed).report(
              cases: cases, isInterrupted: { interrupt.isRequested },
              progress: { report in
                let open = report.mutants.count { $0.killedAfter == nil && $0.proof == nil }
                progress.show("\(layer.rawValue): \(report.cases) of \(cases) cases, \(open) mutants not found yet")
              }))
        } catch {
          progress.clear()
          throw BadInput(message: "\(error)")
        }
      }
    }
    progress.clear()
    if json { try printJSON(reports) } else { StandardOutput.write(MutantTable(reports).text) }
    if reports.contains(where: \.isFailure) { throw ExitCode(1) }
  }
}
