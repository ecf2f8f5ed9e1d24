import Foundation
import Testing

/// Outputs that are inputs or other outputs, and places where nothing can be written: refused before any work, with every file
/// as it was.
@Suite struct CommandFileTests {
  private let folder: TemporaryFolder
  private let path: String
  private let bytes = Array("what must not be lost".utf8)

  init() throws {
    folder = try TemporaryFolder()
    path = folder.url.path(percentEncoded: false)
  }

  private func expectRefusal(
    _ script: String, saying words: String..., sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let command = try Command(shell: "cd \"\(path)\" && \(script)")
    #expect(command.status == 2 && command.output.isEmpty, "\(script): \(command)", sourceLocation: sourceLocation)
    #expect(command.errors.split(separator: "\n").count == 1, "\(command.errors)", sourceLocation: sourceLocation)
    for word in words {
      #expect(command.errors.contains(word), "\(script): \(command.errors)", sourceLocation: sourceLocation)
    }
  }

  @Test func noOutputReplacesAnInput() throws {
    let file = try folder.file("file", bytes)
    try FileManager.default.createDirectory(atPath: "\(path)/model", withIntermediateDirectories: false)
    _ = try folder.file("model/config.json", bytes)
    for call in [
      "certify file --output file", "certify file --text file", "certify file --checkpoint file",
      "certify --prompt-file file --output file", "certify --against file --text file",
      "certify model --output model/config.json", "grade file dump --prompt a --html file",
      "grade shipped file --prompt a --html file", "grade shipped file --prompt a --junit file",
      "grade shipped dump --prompt a --names file --html file", "grade shipped dump --prompt-file file --junit file",
      "layer relu --input file --output file", "drift file --html file", "drift --prompt-file file --html file",
      "drift --prompt-file file --junit file", "drift --baseline file --record-baseline file",
      "drift --baseline file --html file", "fuzz relu --model file --html file", "merge file --html file",
    ] {
      try expectRefusal("\"$plumb\" \(call)", saying: "itself, which would be lost")
      #expect(FileManager.default.contents(atPath: file) == Data(bytes), "\(call)")
    }
    #expect(FileManager.default.contents(atPath: "\(path)/model/config.json") == Data(bytes))
  }

  @Test func aFileIsTheSameByEveryPath() throws {
    let file = try folder.file("file", bytes)
    try FileManager.default.createDirectory(atPath: "\(path)/there", withIntermediateDirectories: false)
    try FileManager.default.createSymbolicLink(atPath: "\(path)/there/link", withDestinationPath: "../file")
    try FileManager.default.linkItem(atPath: file, toPath: "\(path)/hard")
    try FileManager.default.createSymbolicLink(atPath: "\(path)/back", withDestinationPath: "there/..")
    for other in ["./file", "there/../file", "there/link", "hard", "back/file", file] {
      try expectRefusal("\"$plumb\" layer relu --input file --output \"\(other)\"", saying: "itself")
      try expectRefusal("\"$plumb\" layer relu --input \"\(other)\" --output file", saying: "itself")
    }
    #expect(FileManager.default.contents(atPath: file) == Data(bytes))
  }

  /// The folder and the name tell where neither is there yet.
  @Test func noOutputReplacesAnother() throws {
    try FileManager.default.createSymbolicLink(atPath: "\(path)/dangling", withDestinationPath: "new")
    for call in [
      "drift --html new --junit ./new", "drift --html new --record-baseline new", "drift --html new --junit dangling",
      "gradient --html new --junit new", "certify --output new --text new", "certify --output new --checkpoint new",
    ] { try expectRefusal("\"$plumb\" \(call)", saying: "one would be lost") }
    try expectRefusal("\"$plumb\" drift --html new >> new", saying: "the standard output too")
    try expectRefusal("\"$plumb\" drift --prompt-file /dev/null --html /dev/stdout > out2", saying: "standard output")
    _ = try folder.file("text", bytes)
    try expectRefusal("\"$plumb\" perplexity shipped text >> text", saying: "the standard output: is text itself")
    try expectRefusal("\"$plumb\" run --batch-file - < text >> text", saying: "the standard output: is --batch-file -")
    #expect(FileManager.default.contents(atPath: "\(path)/text") == Data(bytes))
  }

  @Test func placesWhereNothingCanBeWrittenAreRefusedBeforeTheWork() throws {
    try FileManager.default.createDirectory(atPath: "\(path)/there", withIntermediateDirectories: false)
    // So many digits would take far longer than the test.
    for option in ["--output", "--text", "--checkpoint"] {
      let call = "\"$plumb\" certify --digits 1000 --prompt \"$(printf '%0500d' 1)\" \(option)"
      try expectRefusal("\(call) there", saying: option, "is a folder")
      try expectRefusal("\(call) none/file", saying: option, "none/file", "check the folder")
      try expectRefusal("\(call) ''", saying: option, "names no file")
    }
    try expectRefusal("\"$plumb\" drift --record-baseline there/", saying: "is a folder")
    try expectRefusal("\"$plumb\" grade shipped dump --prompt a --junit none/file", saying: "--junit none/file")
  }

  /// A device loses nothing; a pipe is written to where somebody reads it.
  @Test func devicesAndPipesAreWrittenToAsTheyAre() throws {
    let null = try Command("drift", "--tokens", "80", "--html", "/dev/null", "--junit", "/dev/null")
    #expect(null.status == 0, "\(null.errors)")
    let pipe = try Command(
      shell: "cd \"\(path)\" && mkfifo fifo && { cat fifo > page & } && sleep 0.2 && "
        + "\"$plumb\" drift --tokens 80 --html fifo && wait")
    #expect(pipe.status == 0, "\(pipe.errors)")
    #expect(try String(contentsOfFile: "\(path)/page", encoding: .utf8).hasSuffix("</html>\n"))
  }

  /// A result that can no longer be written does not take with it what is printed, nor the other file.
  @Test func theReportIsPrintedWhereAFileCannotBeWritten() throws {
    let command = try Command(
      shell: "cd \"\(path)\" && mkfifo fifo && \"$plumb\" drift --tokens 80 --junit fifo --html page")
    #expect(command.status == 2 && command.output.contains("within"))
    #expect(command.errors.split(separator: "\n").count == 1 && command.errors.contains("nobody reads"))
    #expect(FileManager.default.fileExists(atPath: "\(path)/page"))
    let certificate = try Command(
      shell: "cd \"\(path)\" && \"$plumb\" certify --tokens 80 --digits 2 --output fifo --text text")
    #expect(certificate.status == 2 && certificate.output.contains("proved"), "\(certificate.errors)")
    #expect(FileManager.default.fileExists(atPath: "\(path)/text"))
  }

  /// The corpus goes away after it was read: what was found is printed all the same.
  @Test func theReportIsPrintedWhereTheCorpusCannotBeWritten() throws {
    let engine = Command.executable.deletingLastPathComponent().appending(path: "example-engine").path(
      percentEncoded: false)
    let command = try Command(
      shell: "cd \"\(path)\" && mkdir corpus && \"$plumb\" fuzz relu --cases 8 --record --corpus corpus --json "
        + "--engine 'rm -rf corpus; exec \"\(engine)\"'")
    #expect(command.status == 2 && command.output.contains("\"layer\" : \"relu\""), "\(command)")
    #expect(command.errors.contains("relu.corpus: cannot be written"), "\(command.errors)")
  }

  @Test func aProfileOfAnotherArithmeticIsSaidToBe() throws {
    let profile = "\(path)/profile"
    let arguments = ["drift", "--tokens", "80,108"]
    let recording = try Command(
      arguments + ["--record-baseline", profile], environment: ["PLUMB_ISA": "portable"])
    #expect(recording.status == 0, "\(recording.errors)")
    let same = try Command(arguments + ["--baseline", profile], environment: ["PLUMB_ISA": "portable"])
    #expect(same.status == 0 && !same.output.contains("another arithmetic"), "\(same.errors)")
    // The usual instructions, whichever they are, fuse products and sums on every machine that has any.
    let other = try Command(arguments + ["--baseline", profile, "--json"])
    let object = try #require(try JSONSerialization.jsonObject(with: Data(other.output.utf8)) as? [String: Any])
    let (arithmetic, baseline) = (object["arithmetic"] as? String, object["baseline"] as? [String: Any])
    #expect(baseline?["recordedArithmetic"] as? String == (arithmetic == "engine, portable" ? nil : "engine, portable"))
    let table = try Command(arguments + ["--baseline", profile])
    #expect(table.output.contains("recorded in another arithmetic") == (arithmetic != "engine, portable"))
    #expect(table.output.split(separator: "\n").allSatisfy { $0.count <= 80 }, "\(table.output)")
  }

  @Test func aProfileOfAnotherModelIsRefusedBeforeThePass() throws {
    let profile = "\(path)/profile"
    #expect(try Command("drift", "--tokens", "80", "--record-baseline", profile).status == 0)
    let started = ContinuousClock.now
    // The exact pass of as many tokens would take far longer.
    let tokens = [String](repeating: "80", count: 250).joined(separator: ",")
    try expectRefusal("\"$plumb\" drift --tokens \(tokens) --baseline \"\(profile)\"", saying: "other tokens")
    #expect(ContinuousClock.now - started < .seconds(20))
    #expect(try Command("drift", "--tokens", "80", "--layers", "0", "--baseline", profile).status == 0)
  }

  /// The file that a run left which was ended at once is gone after the next, even one that has nothing to write.
  @Test func whatAKilledRunLeftIsCleared() throws {
    for call in [
      "layer relu --input missing --output file", "golden regenerate relu --folder .",
      "golden regenerate relu --folder .",
      "fuzz relu --cases 1 --record --corpus .", "certify --prompt a --digits 1 --checkpoint there",
    ] {
      let stale = try folder.file(".plumb-1-1.tmp", bytes)
      let other = try folder.file(".plumb-notes.tmp", bytes)
      _ = try Command(shell: "cd \"\(path)\" && \"$plumb\" \(call)")
      #expect(!FileManager.default.fileExists(atPath: stale), "\(call)")
      #expect(FileManager.default.fileExists(atPath: other), "\(call)")
    }
  }
}
