import ArgumentParser
import Foundation
import PlumbGolden
import PlumbModel
import PlumbVerdicts

/// `plumb golden`: what layers and models must give, recorded.
struct GoldenCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "golden", abstract: "Keeps golden outputs that are the exact results, and compares them.",
    subcommands: [Regenerate.self, Check.self, Diff.self, Show.self, Export.self])
}

/// The folder of the golden files.
struct GoldenFolder: ParsableArguments {
  @Option(help: ArgumentHelp("The folder of the golden files.", valueName: "folder"))
  var folder = "Golden"

  var suite: GoldenSuite { GoldenSuite(folder: folder) }
}

/// The layers and models that a command works on.
struct GoldenSubjects: ParsableArguments {
  @Argument(
    help: "Layers and models; without one, all of them.",
    completion: .list(GoldenFile.Subject.all.map(\.name)))
  var names: [String] = []

  func validate() throws {
    let known = GoldenFile.Subject.all.map(\.name)
    if let unknown = names.first(where: { !known.contains($0) }) {
      throw ValidationError("There are no goldens of '\(unknown)'; there are \(known.joined(separator: ", ")).")
    }
  }

  /// The subjects that were named, or all, in the order of the catalogue.
  var subjects: [GoldenFile.Subject] {
    GoldenFile.Subject.all.filter { names.isEmpty || names.contains($0.name) }
  }
}

extension GoldenCommand {
  struct Regenerate: ParsableCommand, FileUsing {
    static let configuration = CommandConfiguration(
      abstract: "Computes goldens and writes those files that differ, each whole or not at all.")

    @OptionGroup var chosen: GoldenSubjects
    @OptionGroup var golden: GoldenFolder

    var paths: CommandFiles {
      var paths = CommandFiles()
      for subject in chosen.subjects { paths.write(golden.suite.path(subject), "--folder", makesFolder: true) }
      return paths
    }

    func run() throws {
      do {
        let written = try golden.suite.regenerate(chosen.subjects)
        for path in written { StandardOutput.print("written    \(path)") }
        StandardOutput.print("\(written.count) of \(chosen.subjects.count) files changed")
      } catch {
        throw BadInput(message: "\(error)")
      }
    }
  }

  struct Check: ParsableCommand, FileUsing {
    static let configuration = CommandConfiguration(
      abstract: "Computes goldens again and compares them byte for byte.",
      discussion: "Exit status: 0 when all are the same, 1 when one differs, 2 when a file is no golden file.")

    @OptionGroup var chosen: GoldenSubjects
    @OptionGroup var golden: GoldenFolder

    @Option(help: ArgumentHelp("Write each file as a test for continuous integration (JUnit XML).", valueName: "file"))
    var junit: String?

    var paths: CommandFiles {
      var paths = CommandFiles()
      for subject in chosen.subjects { paths.read(golden.suite.path(subject)) }
      paths.write(junit, "--junit")
      return paths
    }

    func run() throws {
      let start = ContinuousClock.now
      let findings: [GoldenFinding]
      do {
        findings = try golden.suite.check(chosen.subjects, isWhole: chosen.names.isEmpty)
      } catch {
        throw BadInput(message: "\(error)")
      }
      for finding in findings {
        if finding.isDifference {
          StandardOutput.print(finding.text)
        } else {
          StandardError.write("plumb: \(finding.text)\n")
        }
      }
      if findings.isEmpty {
        StandardOutput.print("\(chosen.subjects.count) files are byte for byte what they should be")
      }
      var written = OutputFiles()
      written.write(
        GoldenFinding.junit(
          findings, of: chosen.subjects, in: golden.suite, seconds: (ContinuousClock.now - start) / .seconds(1)),
        to: junit)
      try written.finish()
      if findings.contains(where: { !$0.isDifference }) { throw ExitCode(2) }
      if !findings.isEmpty { throw ExitCode(1) }
    }
  }

  struct Diff: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Says in numbers what changed between two golden files, or two folders of them.",
      discussion: "Exit status: 0 when nothing changed, 1 when something did, 2 when a file is no golden file.")

    @Argument(help: "The file or folder before.")
    var old: String

    @Argument(help: "The file or folder after.")
    var new: String

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
      let differences: [GoldenDifference]
      do {
        differences = try GoldenDifference.between(path: old, path: new)
      } catch {
        throw BadInput(message: "\(error)")
      }
      if json {
        try printJSON(differences)
      } else {
        for difference in differences { StandardOutput.print(difference.text) }
      }
      if !differences.isEmpty { throw ExitCode(1) }
      if !json { StandardOutput.print("nothing changed") }
    }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Shows a case, or the names of a layer's cases.")

    @Argument(help: "A case, such as softmax/spread; or a layer or model, to see the names of its cases.")
    var `case`: String

    @OptionGroup var golden: GoldenFolder

    func run() throws {
      let parts = `case`.split(separator: "/", maxSplits: 1)
      let subject = GoldenFile.Subject.all.first { $0.name == parts.first ?? "" }
      guard let subject else {
        let known = GoldenFile.Subject.all.map(\.name).joined(separator: ", ")
        throw BadInput(message: "there are no goldens of '\(parts.first ?? "")'; there are \(known)")
      }
      let file: GoldenFile
      do {
        file = try golden.suite.read(subject)
      } catch {
        throw BadInput(message: "\(error)")
      }
      guard parts.count == 2 else {
        for record in file.cases {
          let lines = WrappedText.lines(record.note, lead: "\(subject.name)/\(record.name)  ", indent: 4)
          for line in lines { StandardOutput.print(line) }
        }
        return
      }
      guard let record = file.cases.first(where: { $0.name == parts[1] }) else {
        throw BadInput(
          message: "\(subject.name) has no case '\(parts[1])'; it has \(file.cases.map(\.name).joined(separator: ", "))"
        )
      }
      StandardOutput.print(record.table)
    }
  }

  struct Export: ParsableCommand, FileUsing {
    static let configuration = CommandConfiguration(
      abstract: "Writes the goldens as safetensors with a JSON manifest, for tests in any language.")

    @Argument(help: "The folder to write into; it is made where there is none.")
    var directory: String

    @OptionGroup var golden: GoldenFolder

    var paths: CommandFiles {
      var paths = CommandFiles()
      for subject in GoldenFile.Subject.all { paths.read("\(golden.folder)/\(subject.fileName)", "--folder") }
      for name in GoldenExport.fileNames { paths.write("\(directory)/\(name)", makesFolder: true) }
      return paths
    }

    func run() throws {
      do {
        let files = try GoldenFile.Subject.all.map { try golden.suite.read($0) }
        try GoldenExport.write(files, to: directory)
        StandardOutput.print(
          "\(files.reduce(0) { $0 + $1.cases.count }) cases in \(files.count) files, and manifest.json")
      } catch {
        throw BadInput(message: "\(error)")
      }
    }
  }
}
