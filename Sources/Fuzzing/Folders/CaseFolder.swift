import Foundation
import PlumbCases
import PlumbFormats
import PlumbModel
import PlumbVerdicts

/// A folder of the cases of a run, for a machine that has nothing of ours: `manifest.json` says which they are, and
/// `cases/NUMBER.safetensors` holds each as `plumb fuzz --engine` asks for it.
///
/// A kernel's outputs stand beside them, as `outputs/NUMBER.safetensors`, and are held against their bounds as those of an engine are.
package struct CaseFolder: Sendable {
  private let path: String
  /// The layer.
  package let layer: LayerKind
  /// The options of the run.
  package let options: RunOptions

  private static let schema = 1
  /// More bytes than any manifest has.
  private static let longestManifest = 1 << 20

  private var run: FuzzRun { run(.engine(options.arithmetic)) }

  /// The run; its kernel is not here, so that nothing can be made smaller.
  private func run(_ subject: FuzzSubject) -> FuzzRun {
    FuzzRun(
      layer: layer, strategies: options.turns.strategies, seed: options.seed, shape: options.shape,
      attributes: options.attributes, shrinking: FuzzRun.ShrinkingLimits(cases: 0, time: .zero), subject: subject)
  }

  /// Draws the cases of `layer` that `options` describe, and writes them into a new folder at `path`.
  ///
  /// - Throws: `CaseFileError` where something stands at `path`, or the options have no strategy that draws; `CaseError`,
  ///   `ModelError`.
  package init(
    writing layer: LayerKind, _ options: RunOptions, to path: String, isInterrupted: () -> Bool = { false }
  ) throws {
    self.init(path: path, layer: layer, options: options)
    guard !options.turns.strategies.isEmpty else {
      throw CaseFileError(path, "a search needs an engine: its cases follow from what was found")
    }
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
      try FileManager.default.createDirectory(atPath: path + "/cases", withIntermediateDirectories: false)
    } catch {
      throw CaseFileError(path, "no new folder can be made there; name one that is not there yet, in a folder that is")
    }
    let run = run
    for number in 0..<options.cases where !isInterrupted() {
      let input = try CheckedCase(run.makeCase(number))
      try AtomicFile.write(EngineMessage.request(input, number: number), to: file("cases", number))
    }
    // Last: a folder without it is not whole.
    if isInterrupted() { return }
    let manifest = Manifest(
      schema: Self.schema, layer: layer.rawValue, arithmetic: options.arithmetic.description, cases: options.cases,
      seed: String(options.seed), shape: options.shape, attributes: options.attributes.texts,
      strategy: options.strategy)
    try AtomicFile.write(Array("\(try ReportJSON.text(of: manifest))\n".utf8), to: path + "/manifest.json")
  }

  private init(path: String, layer: LayerKind, options: RunOptions) {
    (self.path, self.layer, self.options) = (path, layer, options)
  }

  /// The folder at `path`.
  ///
  /// - Throws: `ModelError` or `CaseFileError` that says what is wrong with its manifest.
  package init(path: String) throws {
    let file = path + "/manifest.json"
    var members = try JSONFile.members(WholeFile.read(file, atMost: Self.longestManifest), file: file)
    guard members.removeValue(forKey: "schema")?.integer == Self.schema else {
      throw CaseFileError(file, "is no manifest of this version; make the folder again with 'plumb cases'")
    }
    guard let layer = members.removeValue(forKey: "layer")?.text.flatMap({ try? Catalogue.layer(named: $0) }) else {
      throw CaseFileError(file, "names no layer")
    }
    let options: RunOptions
    do throws(RunOptionsError) {
      options = try RunOptions(members, for: layer)
    } catch { throw CaseFileError(file, error.problem) }
    guard !options.turns.strategies.isEmpty else { throw CaseFileError(file, "has no strategy that draws cases") }
    self.init(path: path, layer: layer, options: options)
  }

  private func file(_ folder: String, _ number: Int) -> String { Self.file(path, folder, number) }

  /// The file of the case `number` in `folder`, one of `cases` and `outputs`, of the folder at `path`.
  package static func file(_ path: String, _ folder: String, _ number: Int) -> String {
    let digits = String(number)
    return "\(path)/\(folder)/\(String(repeating: "0", count: max(0, 6 - digits.count)) + digits).safetensors"
  }

  /// The verdicts on the outputs that stand in the folder.
  ///
  /// *Edge cases*: a case whose output is missing or cannot be read is outside.
  /// - Throws: `CaseFileError` where there is no output at all, or a case is another than the manifest describes; as `FuzzRun.report`.
  package func report(
    jobs: Int = 1, isInterrupted: @Sendable () -> Bool = { false },
    progress: @Sendable (FuzzRun.Progress) -> Void = { _ in }
  ) throws -> FuzzReport {
    let outputs = path + "/outputs"
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: outputs), !names.isEmpty else {
      throw CaseFileError(outputs, "has no output; run the kernel on each file of '\(path)/cases' first")
    }
    let subject = FuzzSubject.kernel(
      CalledKernel(arithmetic: options.arithmetic) { input, number in
        guard let number else { throw CaseFileError(path, "a case without a number has no output") }
        let asked = file("cases", number)
        guard try WholeFile.read(asked) == EngineMessage.request(input, number: number) else {
          throw CaseFileError(asked, "is another case than the manifest describes; make the folder again")
        }
        let answered = file("outputs", number)
        let reply: [UInt8]
        do throws(ModelError) {
          reply = try WholeFile.read(answered)
        } catch { throw EngineFailure(.rubbish, "there is no output: \(answered): \(error.problem)") }
        return try EngineMessage.output(reply, to: input)
      })
    var report = try run(subject).report(options.cases, jobs: jobs, isInterrupted: isInterrupted, progress: progress)
    report.outputs = path
    report.arithmetic = options.arithmetic.description
    return report
  }

  /// The JSON of the manifest; its keys are those of `RunOptions`, and two more.
  private struct Manifest: Encodable {
    let schema: Int
    let layer, arithmetic: String
    let cases: Int
    let seed: String
    let shape: [String: Int]
    let attributes: [String: String]
    let strategy: String
  }
}
