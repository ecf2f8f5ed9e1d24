import ArgumentParser
import Foundation
import PlumbCases
import PlumbFormats
import PlumbFuzzing
import PlumbModel
import PlumbReports
import PlumbVerdicts

/// `plumb fuzz`: throws hostile inputs at a layer and decides each output element against its bound.
struct FuzzCommand: ParsableCommand, FileUsing {
  static let configuration = CommandConfiguration(
    commandName: "fuzz",
    abstract: "Throws hostile inputs at a layer of the engine and decides each output element against its bound.",
    discussion: """
      The same seed and options give the same cases on every machine. Exit status: 0 when no case is outside, 1 when \
      one is outside or nothing could be claimed of any, 2 for a usage error or bad input.
      """)

  @Argument(help: "The layer, or 'all'.", completion: Completions.layerOrAll)
  var layer: String

  @Option(help: ArgumentHelp("The number of cases of each layer (default: 1000).", valueName: "count"))
  var cases: Int?

  @Option(
    help: ArgumentHelp(
      "The greatest number of seconds for each layer; the cases then have no limit.", valueName: "seconds"))
  var time: Double?

  @Option(
    help: ArgumentHelp(
      "The most seconds to make the failures of a layer smaller, and each worst case that '--record' keeps (default: 60, "
        + "of another engine 30).", valueName: "seconds"))
  var shrinkingTime: Double?

  @Option(help: ArgumentHelp("Where random choices start (default: 0).", valueName: "n"), transform: Seed.parse)
  var seed: UInt64?

  @Option(
    help: """
      How numbers are chosen: \(Strategy.allCases.map(\.rawValue).joined(separator: ", ")); search, which climbs from \
      the worst cases so far; or all (default: all). Recorded cases are cut from a pass of a model.
      """, completion: Completions.turns)
  var strategy: String?

  @Option(
    help: "What a search climbs: \(Objective.allCases.map(\.rawValue).joined(separator: " or ")) (default: margin).",
    completion: Completions.objective)
  var objective: String?

  @Option(
    help: ArgumentHelp(
      "The model whose pass '--strategy recorded' cuts its cases from (default: the one that ships).",
      valueName: "model"))
  var model: String?

  @Option(help: ArgumentHelp("What that pass reads.", valueName: "text"))
  var prompt: String?

  @Option(
    help: ArgumentHelp(
      "Extents that every case has, such as rows=1,columns=64; the others are drawn.", valueName: "name=n,…"))
  var shape: String?

  @Option(
    name: .customLong("attribute"), parsing: .singleValue,
    help: ArgumentHelp(
      "An attribute that every case has, such as scheme=q8_0; may be given more than once.", valueName: "name=value"))
  var attributes: [String] = []

  @Option(help: ArgumentHelp("The number of threads; it changes no case (default: 1).", valueName: "count"))
  var jobs: Int?

  @Option(
    help: ArgumentHelp(
      "Decide only part I of N, from 0; 'plumb merge' joins the JSON reports of all parts.", valueName: "I/N"))
  var shard: String?

  @Option(
    help: ArgumentHelp(
      "The folder of '<layer>.corpus', whose cases are decided first (default: Fuzz, where there is one).",
      valueName: "folder"))
  var corpus: String?

  @Flag(help: "Append the shrunk failures and new worst cases to the corpus.")
  var record = false

  @Option(
    help: ArgumentHelp(
      "Decide one case: the line that a failure printed, or @ and the file that holds it.", valueName: "line"))
  var replay: String?

  @Flag(help: "With '--replay' and '--arithmetic': print witnesses of elements of which nothing is claimed.")
  var witness = false

  @OptionGroup var engineArguments: EngineArguments

  @Option(help: ArgumentHelp("Write the report as one self-contained page.", valueName: "file"))
  var html: String?

  @Option(help: ArgumentHelp("Write each layer as a test for continuous integration (JUnit XML).", valueName: "file"))
  var junit: String?

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    _ = try LayerArgument.layers(layer)
    guard turns != nil else {
      throw ValidationError(
        "There is no strategy '\(strategy ?? "")'; there are \(Turns.names.joined(separator: ", ")).")
    }
    if let objective, Objective(rawValue: objective) == nil {
      throw ValidationError(
        "There is no objective '\(objective)'; there are "
          + Objective.allCases.map(\.rawValue).joined(separator: " and ") + ".")
    }
    if let cases, cases < 1 { throw ValidationError("'--cases' must be at least 1.") }
    if let time, !(time > 0 && time.isFinite) { throw ValidationError("'--time' must be a positive number.") }
    if let shrinkingTime, !(shrinkingTime > 0 && shrinkingTime <= 86_400) {
      throw ValidationError("'--shrinking-time' must be a positive number of seconds, at most 86400.")
    }
    if let jobs, !(1...1024 ~= jobs) { throw ValidationError("'--jobs' must be from 1 to 1024.") }
    if let shard, Shard(shard) == nil {
      throw ValidationError("'--shard \(shard)' is not I/N, such as 0/4, with I below N.")
    }
    _ = try fixedShape
    _ = try fixedAttributes
    try refuseContradictions()
  }

  /// The layers, of which `validate` has checked the name.
  private var layers: [LayerKind] { (try? LayerArgument.layers(layer)) ?? [] }

  /// The extents that `--shape` fixes.
  private var fixedShape: [String: Int] {
    get throws {
      do throws(FixedShapeError) {
        return if let shape { try FixedShape(shape, of: layers).extents } else { [:] }
      } catch {
        throw ValidationError("'--shape': \(error.problem).")
      }
    }
  }

  /// The attributes that `--attribute` fixes.
  private var fixedAttributes: FixedAttributes {
    get throws { try AttributeArguments.fixed(attributes, of: layers) }
  }

  private func refuseContradictions() throws {
    if cases != nil && time != nil { throw ValidationError("Give '--cases' or '--time', not both.") }
    let isSearching = strategy == nil || strategy == "all" || strategy == "search"
    if objective != nil && !isSearching {
      throw ValidationError("'--objective' is what '--strategy search' climbs; '\(strategy ?? "")' does not.")
    }
    if engineArguments.engine != nil && record && corpus == nil {
      throw ValidationError("'--engine' with '--record' needs '--corpus': what another engine fails belongs to it.")
    }
    if model != nil || prompt != nil, let strategy, strategy != "all" && strategy != Strategy.recorded.rawValue {
      throw ValidationError("'--model' and '--prompt' are for '--strategy recorded'; '\(strategy)' draws its numbers.")
    }
    if shard != nil && record {
      throw ValidationError("Give '--record' or '--shard', not both: shards would overwrite each other's lines.")
    }
    if shard != nil && time != nil {
      throw ValidationError("Give '--time' or '--shard', not both: the parts of a timed run are not those of one run.")
    }
    if witness && replay == nil { throw ValidationError("'--witness' is of one case: give its line by '--replay'.") }
    try WitnessFlag.validate(witness, arithmetic: engineArguments.arithmetic, json: json)
    guard replay != nil else { return }
    let others: [(String, Bool)] = [
      ("cases", cases != nil), ("time", time != nil),
      ("shrinking-time", shrinkingTime != nil), ("seed", seed != nil), ("strategy", strategy != nil),
      ("objective", objective != nil), ("shape", shape != nil), ("attribute", !attributes.isEmpty),
      ("model", model != nil), ("prompt", prompt != nil),
      ("jobs", jobs != nil), ("shard", shard != nil), ("corpus", corpus != nil),
      ("record", record), ("html", html != nil), ("junit", junit != nil),
    ]
    if let (name, _) = others.first(where: \.1) {
      throw ValidationError("'--replay' decides the one case of its line: '--\(name)' has nothing to say about it.")
    }
  }

  var paths: CommandFiles {
    var paths = CommandFiles()
    paths.readModel(model, "--model")
    for layer in layers {
      let path = "\(corpusFolder)/\(layer.rawValue).corpus"
      if record { paths.update(path, "--corpus") } else { paths.read(path, "--corpus") }
    }
    paths.write(html, "--html")
    paths.write(junit, "--junit")
    if let replay, let file = ReplayArgument.file(of: replay) { paths.read(file, "--replay") }
    return paths
  }

  private var corpusFolder: String { corpus ?? "Fuzz" }

  func run() throws {
    let subject = engineArguments.subject()
    if let replay {
      return try ReplayedCase(ReplayArgument.line(of: replay), of: layers, subject).show(json: json, witness: witness)
    }
    let layers = try subject.provable(layers)
    let recorded = try recordedPass()
    // Every corpus is read before the first case: a line that does not parse is known at once.
    let corpora = try layers.map { try corpus(of: $0) }
    let start = ContinuousClock.now
    var written = OutputFiles()
    var reports = try Interrupt.watched { interrupt in
      var reports: [FuzzReport] = []
      for (layer, corpus) in zip(layers, corpora) where !interrupt.isRequested {
        var report = try fuzz(layer, corpus, subject, recorded?.pass, interrupt, &written)
        (report.run.layers, report.run.pass) = (layers.map(\.rawValue), recorded?.name)
        reports.append(report)
      }
      return reports
    }
    ReplayArgument.writeLongLines(of: &reports, to: record ? corpusFolder : nil)
    if json { try printJSON(reports) } else { FuzzTable.show(reports) }
    InterruptedReview.say(reports)
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    Self.report(reports, seconds: seconds)
    written.write(FuzzPage(reports, command: CommandLine.called, version: Plumb.version).text, to: html)
    written.write(FuzzReport.junit(reports, seconds: seconds), to: junit)
    try written.finish()
    if !FuzzReport.hasPassed(reports) { throw ExitCode(1) }
  }

  /// Says on the standard error stream how fast the cases were decided.
  private static func report(_ reports: [FuzzReport], seconds: Double) {
    let cases = reports.reduce(0) { $0 + $1.cases }
    let (filtered, exact) = reports.reduce((0, 0)) { ($0.0 + $1.filteredElements, $0.1 + $1.exactElements) }
    StandardError.write(
      "plumb: \(cases) cases in \(String(format: "%.2f", seconds)) s, \(Int(Double(cases) / max(seconds, 1e-9))) a second\n"
        + "plumb: \(filtered) elements decided by the filter, \(exact) by the exact path\n")
  }

  /// The corpus of `layer`; `nil` where no folder was named and there is no usual one.
  private func corpus(of layer: LayerKind) throws -> Corpus? {
    let folder = corpusFolder
    var isDirectory: ObjCBool = false
    guard unsafe FileManager.default.fileExists(atPath: folder, isDirectory: &isDirectory), isDirectory.boolValue else {
      guard corpus == nil && !record else { throw BadInput(message: "'\(folder)' is no folder; '--corpus' names one") }
      return nil
    }
    do {
      return try Corpus(of: layer, in: folder)
    } catch {
      throw BadInput(message: "\(error)")
    }
  }

  /// The pass that recorded cases are cut from, and what it is of; `nil` for that of the model that ships.
  private func recordedPass() throws -> (pass: RecordedPass, name: String)? {
    guard model != nil || prompt != nil else { return nil }
    let loaded = try ModelArgument.open(model)
    do {
      let tokens = try loaded.tokenizer.encode(prompt ?? LoadedModel.usualPrompt)
      let pass = try RecordedPass(loaded.transformer, tokens: tokens)
      // A fingerprint takes as long as reading the weights, and stands in the JSON alone.
      let name = json ? "\(loaded.fingerprint), tokens \(tokens.map(String.init).joined(separator: ","))" : loaded.name
      return (pass, name)
    } catch {
      throw BadInput(message: "the model's pass: \(error)")
    }
  }

  /// Decides the cases of one layer, and records what is worth it.
  private func fuzz(
    _ layer: LayerKind, _ corpus: Corpus?, _ subject: FuzzSubject, _ pass: RecordedPass?, _ interrupt: Interrupt,
    _ written: inout OutputFiles
  ) throws -> FuzzReport {
    let limits = subject.shrinking(seconds: shrinkingTime)
    let run = FuzzRun(
      layer: layer, strategies: turns?.strategies ?? [], searches: turns?.searches ?? true,
      objective: objective.flatMap { Objective(rawValue: $0) } ?? .margin, seed: seed ?? 0,
      shape: try fixedShape, attributes: try fixedAttributes, pass: pass, shrinking: limits, subject: subject)
    let progress = Progress()
    let start = ContinuousClock.now
    let end = time.map { start + .seconds($0) }
    defer { progress.clear() }
    do {
      var report = try run.report(
        time == nil ? cases ?? 1000 : Int.max, corpus: corpus?.entries ?? [], jobs: jobs ?? 1,
        shard: shard.flatMap { Shard($0) } ?? .whole,
        isInterrupted: { interrupt.isRequested },
        isDone: { end.map { ContinuousClock.now >= $0 } ?? false }
      ) { now in
        if let step = now.shrinking {
          guard step.isCutShort else {
            return progress.show(
              "\(layer.rawValue): making failure \(step.failure) of \(step.failures) smaller, \(step.tried) cases tried"
            )
          }
          return Self.sayCutShort(
            "\(layer.rawValue): failure \(step.failure) of \(step.failures)", step.tried, progress)
        }
        guard now.cases.isMultiple(of: 64) else { return }
        let rate = Double(now.cases) / ((ContinuousClock.now - start) / .seconds(1))
        progress.show(
          "\(layer.rawValue): \(now.cases) cases, \(Int(rate)) a second, greatest margin "
            + String(format: "%.3f, %.3g ulps", now.greatestMargin, now.worstUlps))
      }
      report.engine = subject.command?.command
      report.arithmetic = subject.arithmetic.description
      if record, var corpus {
        do {
          try corpus.record(
            report, time: limits.time, isInterrupted: { interrupt.isRequested },
            progress: { tried, isCutShort in
              guard isCutShort else {
                return progress.show("\(layer.rawValue): making a worst case smaller, \(tried) cases tried")
              }
              Self.sayCutShort("\(layer.rawValue): a worst case", tried, progress)
            },
            judge: { input in try subject.judge(try CheckedCase(subject.arithmetic.prepared(input.source))) })
        } catch let error as CorpusError {
          // The report is worth printing all the same.
          written.fail("\(error)")
        }
      }
      return report
    } catch let error as BadInput {
      throw error
    } catch {
      throw BadInput(message: "\(error)")
    }
  }

  /// Says on the standard error stream that the time ended before `what` was as small as it gets.
  private static func sayCutShort(_ what: String, _ tried: Int, _ progress: Progress) {
    progress.clear()
    StandardError.write(
      "plumb: \(what) may be made smaller still: the time ended after \(tried) smaller cases; give '--shrinking-time' more "
        + "seconds\n")
  }

  private var turns: Turns? { Turns(strategy ?? "all") }
}
