import DocumentedJSON
import Foundation
import Testing

/// Cases as files, a kernel elsewhere, and the verdicts on its outputs.
@Suite struct CaseFolderTests {
  private static let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Sources/Python/run_cases.py").path(percentEncoded: false)

  /// A kernel of relu in Python without anything else; the second has a fault.
  private static let kernels = """
    def values(x):
        return (x.values, x.shape) if hasattr(x, "values") else (x.ravel().tolist(), list(x.shape))

    def relu(x, bias=0):
        elements, (rows, columns) = values(x)
        elements = [max(element, 0.0) + bias for element in elements]
        return [elements[row * columns:][:columns] for row in range(rows)]

    def faulty(x):
        if values(x)[1][1] == 2:
            raise ValueError("two columns")
        return relu(x, 1.0)
    """

  private func python(_ arguments: [String]) throws -> Bool {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["python3"] + arguments
    (process.standardOutput, process.standardError) = (FileHandle.nullDevice, FileHandle.nullDevice)
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus == 0
  }

  /// A new folder of cases of relu, in a folder of its own.
  private func cases(_ options: String...) throws -> (folder: TemporaryFolder, path: String) {
    let folder = try TemporaryFolder()
    let path = folder.url.appending(path: "cases").path(percentEncoded: false)
    let command = try Command(["cases", "relu", path, "--cases", "40", "--seed", "2"] + options)
    #expect(command.status == 0 && command.output.isEmpty, "\(command.errors)")
    return (folder, path)
  }

  @Test(
    .enabled(if: EngineCommandTests.hasPython("json, struct"), "the script needs python3, which is not here"),
    arguments: [[], ["-S"]])
  func outputsOfAKernelElsewhereAreJudged(_ python: [String]) throws {
    let (folder, path) = try cases()
    let kernels = try folder.file("kernels.py", Array(Self.kernels.utf8))
    #expect(try self.python(python + [Self.script, path, kernels + ":relu"]))
    let right = try Command("judge", path, "--json", "--jobs", "2")
    #expect(right.status == 0, "\(right.output)\(right.errors)")
    let findings = try DocumentedJSON().findings(in: right.output, of: "plumb judge")
    #expect(findings.problems.isEmpty)
    #expect(try self.python(python + [Self.script, path, kernels + ":faulty"]))
    let wrong = try Command("judge", path)
    #expect(wrong.status == 1)
    #expect(wrong.lines[0] == "outputs     \(path)")
    #expect(wrong.output.contains("yours 1.0, exact 0.0, bound 0") && wrong.output.contains("\(path)/cases/0000"))
    #expect(wrong.output.contains("Bug: "))
    #expect(wrong.output.contains("rubbish: there is no output: \(path)/outputs/"))
  }

  @Test func whatIsWrongIsSaid() throws {
    let (folder, path) = try cases()
    let unmade = try Command("judge", path)
    #expect(unmade.status == 2 && unmade.errors.contains("\(path)/outputs: has no output; run the kernel"))
    try FileManager.default.createDirectory(atPath: path + "/outputs", withIntermediateDirectories: false)
    try Data().write(to: URL(filePath: path + "/outputs/000000.safetensors"))
    func refuse(_ arguments: String..., words: String...) throws {
      let command = try Command(arguments)
      #expect(command.status == 2 && command.output.isEmpty, "\(arguments)")
      for word in words { #expect(command.errors.contains(word), "\(command.errors)") }
    }
    try refuse("cases", "relu", path, words: path, "not there yet")
    let other = folder.url.appending(path: "other").path(percentEncoded: false)
    try refuse("cases", "rlu", other, words: "'rlu'")
    try refuse("cases", "relu", other, "--cases", "0", words: "'cases'")
    try refuse("cases", "relu", other, "--strategy", "search", words: "search")
    try refuse("cases", "relu", other, "--shape", "width=1", words: "'width'", "rows, columns")
    try refuse("cases", "block", other, words: "block", "engine")
    try refuse("judge", other, words: "other/manifest.json")
    let manifest = "\(path)/manifest.json"
    let text = try String(contentsOfFile: manifest, encoding: .utf8)
    for (old, new, word) in [
      ("relu", "rlu", "layer"), ("\"schema\" : 1", "\"schema\" : 2", "version"), ("40", "0", "'cases'"),
      ("{", "[", "JSON"),
      ("\"2\"", "\"3\"", "another case"), ("\"all\"", "\"search\"", "strategy"),
    ] {
      try text.replacing(old, with: new, maxReplacements: 1).write(toFile: manifest, atomically: true, encoding: .utf8)
      try refuse("judge", path, words: word)
    }
  }
}
