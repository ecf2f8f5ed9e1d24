import ArgumentParser
import PlumbCases
import PlumbFormats
import PlumbFuzzing
import PlumbModel
import PlumbVerdicts

/// `plumb cases`: the cases of a run as files, for a kernel on another machine.
struct CasesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cases",
    abstract: "Writes the cases of a layer into a folder, for a kernel on a machine without plumb.",
    discussion: """
      'run_cases.py' of the Python package, one file without dependencies, calls a kernel with each case and writes its \
      outputs beside them; 'plumb judge' holds these against their bounds. Exit status: 0, or 2 for a usage error, bad \
      input or a folder that cannot be written.
      """)

  @Argument(help: "The layer; 'plumb layer --list' names all.", completion: Completions.layer)
  var layer: String

  @Argument(help: ArgumentHelp("A folder that is not there yet.", valueName: "folder"))
  var folder: String

  @Option(help: ArgumentHelp("The number of cases (default: 1000).", valueName: "count"))
  var cases: Int?

  @Option(help: ArgumentHelp("Where random choices start (default: 0).", valueName: "n"), transform: Seed.parse)
  var seed: UInt64?

  @Option(
    help: """
      How numbers are chosen: \(Strategy.allCases.map(\.rawValue).joined(separator: ", ")); or all (default: all).
      """,
    completion: Completions.strategy)
  var strategy: String?

  @Option(
    help: ArgumentHelp(
      "Extents that every case has, such as rows=1,columns=64; the others are drawn.", valueName: "name=n,…"))
  var shape: String?

  @Option(
    name: .customLong("attribute"), parsing: .singleValue,
    help: ArgumentHelp(
      "An attribute that every case has, such as scheme=q8_0; may be given more than once.", valueName: "name=value"))
  var attributes: [String] = []

  @Option(
    help: ArgumentHelp(
      "The arithmetic of the bounds, to whose formats tensors are rounded (default: f32).", valueName: "model"),
    completion: Completions.arithmetic)
  var arithmetic: String?

  func run() throws {
    let kind: LayerKind
    do throws(LayerNameError) { kind = try Catalogue.layer(named: layer) } catch { throw BadInput(message: "\(error)") }
    do {
      var members: [String: JSONValue] = [:]
      if let cases { members["cases"] = .number(Double(cases)) }
      if let seed { members["seed"] = .string(String(seed)) }
      if let strategy { members["strategy"] = .string(strategy) }
      if let arithmetic { members["arithmetic"] = .string(arithmetic) }
      if let shape {
        members["shape"] = .object(try FixedShape(shape, of: [kind]).extents.mapValues { .number(Double($0)) })
      }
      if !attributes.isEmpty {
        members["attributes"] = .object(
          try AttributeArguments.fixed(attributes, of: [kind]).texts.mapValues { .string($0) })
      }
      let options = try RunOptions(members, for: kind)
      if let refusal = FuzzSubject.engine(options.arithmetic).refusal(of: kind) { throw BadInput(message: refusal) }
      try Interrupt.watched { interrupt in
        _ = try CaseFolder(writing: kind, options, to: folder, isInterrupted: { interrupt.isRequested })
      }
      StandardError.write("plumb: \(folder): \(options.cases) cases of \(layer)\n")
    } catch let error as BadInput {
      throw error
    } catch {
      throw BadInput(message: "\(error)")
    }
  }
}
