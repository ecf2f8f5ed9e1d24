import Foundation
import Testing

extension Command {
  /// What was said on the standard error stream, but for how fast it went.
  fileprivate var complaints: [Substring] {
    errors.split(separator: "\n").filter { !($0.hasPrefix("plumb: ") && $0.contains(" a second; ")) }
  }
}

/// Other people's engines, asked over pipes.
@Suite struct EngineCommandTests {
  private static func built(_ name: String) -> String {
    Command.executable.deletingLastPathComponent().appending(path: name).path(percentEncoded: false)
  }

  private static let examples = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Examples")

  /// Whether there is a Python that finds `modules`.
  private static func hasPython(_ modules: String) -> Bool {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", "python3 -c 'import \(modules)'"]
    (process.standardOutput, process.standardError) = (FileHandle.nullDevice, FileHandle.nullDevice)
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }

  private static func example(_ name: String) -> String {
    examples.appending(path: name).path(percentEncoded: false)
  }

  /// Fuzzes silu with `engine`, without a corpus.
  private func fuzz(_ engine: String, _ options: String...) throws -> Command {
    let folder = try TemporaryFolder()
    return try Command(["fuzz", "silu", "--engine", engine, "--corpus", folder.url.path] + options)
  }

  @Test func theSwiftExampleIsWithin() throws {
    let command = try fuzz(Self.built("example-engine"), "--cases", "60")
    #expect(command.status == 0 && command.complaints.isEmpty, "\(command.output)\(command.errors)")
    #expect(command.lines[0].hasPrefix("engine      /") && command.lines[0].hasSuffix("example-engine"))
    #expect(command.lines[1].hasPrefix("arithmetic  f32: ") && command.lines[1].contains("within 4 ulps"))
  }

  @Test(
    .enabled(if: EngineCommandTests.hasPython("json, struct"), "the Python example needs python3, which is not here"))
  func thePythonExampleIsWithin() throws {
    let script = Self.example("engine.py")
    #expect(try String(contentsOfFile: script, encoding: .utf8).split(separator: "\n").count <= 30)
    let folder = try TemporaryFolder()
    let command = try Command(
      ["fuzz", "softmax", "--engine", "python3 '\(script)'", "--cases", "40", "--corpus", folder.url.path])
    #expect(command.status == 0 && command.complaints.isEmpty, "\(command.output)\(command.errors)")
  }

  /// A kernel of every layer that shares nothing with ours: NumPy's sums and functions, and a linear algebra library's
  /// matrix products.
  @Test(.enabled(if: EngineCommandTests.hasPython("numpy"), "the engine of every layer needs NumPy, which is not here"))
  func numPyIsWithinInEveryLayer() throws {
    let folder = try TemporaryFolder()
    let command = try Command([
      "fuzz", "all", "--engine", "python3 '\(Self.example("numpy_engine.py"))'", "--cases", "8", "--seed", "3",
      "--corpus",
      folder.url.path, "--json",
    ])
    #expect(command.status == 0, "\(command.output)\(command.errors)")
    let reports = try #require(
      try JSONSerialization.jsonObject(with: Data(command.output.utf8)) as? [[String: Any]])
    #expect(reports.count >= 22 && reports.allSatisfy { $0["cases"] as? Int == 8 && $0["failed"] as? Int == 0 })
  }

  @Test(arguments: [
    ("crash", "crash: exited with status 3"), ("signal", "crash: was ended by signal 9"),
    ("hang", "hang: no reply within"),
    ("rubbish", "rubbish: the reply begins with 'Loading the model...\\n'"),
    ("no-tensors", "rubbish: the reply of 2 bytes begins with '{}'"), ("wrong-shape", "wrong shape: 'y' has shape ["),
    ("wrong-type", "wrong type: 'y' holds F64 elements"), ("two-tensors", "rubbish: the reply holds 2 tensors"),
  ])
  func aFaultIsAFailureWithAReplayAndNoEnd(fault: String, message: String) throws {
    // A shell that stays between would say in its own words that a signal ended the engine.
    let engine = "exec \(Self.built("faulty-engine")) \(fault) 6"
    // Long enough for a busy machine; a hang takes all of it, each time.
    let limit = fault == "hang" ? "2" : "30"
    let command = try fuzz(engine, "--cases", "8", "--strategy", "exact", "--engine-timeout", limit)
    #expect(command.status == 1 && command.complaints.isEmpty, "\(command.output)\(command.errors)")
    let table = command.lines[3].split(separator: " ")
    #expect(table[0] == "silu" && table[1] == "8" && table[2] == "2", "\(command.output)")
    let failures = command.lines.dropFirst(4)
    #expect(failures.count == 2 && failures.allSatisfy { $0.contains(message) }, "\(command.output)")
    // The printed line decides the shrunk case again, with the same engine.
    let line = try #require(failures.first)
    let replay = try #require(line.components(separatedBy: "--replay '").last?.dropLast())
    #expect(line.contains("--engine '\(engine)'"))
    #expect(fault == "hang" || replay == "silu x=[1x1]:0x0p+0", "\(replay)")
    let again = try fuzzReplay(engine, String(replay), "--engine-timeout", limit)
    #expect(again.status == 1 && again.output.contains("problem    "), "\(again.output)\(again.errors)")
  }

  private func fuzzReplay(_ engine: String, _ line: String, _ options: String...) throws -> Command {
    try Command(["fuzz", "silu", "--engine", engine, "--replay", line] + options)
  }

  @Test func aWrongValueIsOutsideAndShrunk() throws {
    let command = try fuzz(Self.built("faulty-engine") + " wrong-value", "--cases", "12", "--json")
    #expect(command.status == 1)
    let reports = try #require(
      try JSONSerialization.jsonObject(with: Data(command.output.utf8)) as? [[String: Any]])
    let report = try #require(reports.first)
    #expect(report["arithmetic"] as? String == "f32")
    #expect((report["engine"] as? String)?.hasSuffix("faulty-engine wrong-value") == true)
    let failures = try #require(report["failures"] as? [[String: Any]])
    #expect(!failures.isEmpty && failures.allSatisfy { ($0["replay"] as? String)?.hasPrefix("silu x=[1x1]:") == true })
    #expect(try fuzz(Self.built("faulty-engine") + " not-a-number", "--cases", "2").status == 1)
  }

  @Test func theStorageFormatIsTheModels() throws {
    let engine = Self.built("faulty-engine") + " bf16"
    let right = try fuzz(engine, "--cases", "40", "--arithmetic", "bf16", "--jobs", "2")
    #expect(right.status == 0, "\(right.output)")
    #expect(try fuzz(engine, "--cases", "40").status == 1)
    // What bfloat16 does not hold is rounded before it is offered.
    let replay = try fuzzReplay(engine, "silu x=[1x1]:0x1.fffffep+0", "--arithmetic", "bf16", "--json")
    #expect(replay.status == 0 && replay.output.contains("\"arithmetic\" : \"bf16\""), "\(replay.output)")
  }

  @Test func jobsChangeNothing() throws {
    let engine = Self.built("faulty-engine") + " wrong-value 1000"
    let options = ["--cases", "1100", "--strategy", "random"]
    func table(_ jobs: String) throws -> String {
      let folder = try TemporaryFolder()
      return try Command(
        ["fuzz", "silu", "--engine", engine, "--corpus", folder.url.path, "--jobs", jobs] + options
      ).output
    }
    let one = try table("1")
    // Case 1,000 fails: there is something to agree on.
    #expect(one.contains("--replay"))
    #expect(try one == table("3"))
  }

  @Test func anEngineThatNeverStartsIsBadInput() throws {
    for (engine, words) in [
      ("/no/such/engine", ["/no/such/engine", "does not start", "status 127"]),
      ("exit 5", ["does not start", "status 5"]),
    ] {
      let command = try fuzz(engine, "--cases", "50")
      #expect(command.status == 2 && command.output.isEmpty, "\(command.output)")
      let line = try #require(command.errors.split(separator: "\n").last { $0.hasPrefix("plumb: ") })
      for word in words { #expect(line.contains(word), "\(command.errors)") }
    }
  }

  @Test func theEnginesOwnErrorsPassThrough() throws {
    let command = try fuzz("echo 'out of memory' >&2; \(Self.built("example-engine"))", "--cases", "4")
    #expect(command.status == 0 && command.complaints == ["out of memory"], "\(command.errors)")
  }

  @Test func optionsThatCannotBe() throws {
    func expect(_ words: String..., in arguments: [String]) throws {
      let command = try Command(["fuzz", "silu"] + arguments)
      #expect(command.status == 2 && command.output.isEmpty, "\(arguments)")
      for word in words { #expect(command.errors.contains(word), "\(command.errors)") }
    }
    try expect("f33", "tf32", "elementary=ULPS", "engine", in: ["--arithmetic", "f33"])
    try expect("'fast'", "flush-to-zero", in: ["--arithmetic", "f32,fast"])
    try expect("--engine-timeout", in: ["--engine-timeout", "3"])
    try expect("--engine-timeout", in: ["--engine", "x", "--engine-timeout", "0"])
    try expect("--corpus", in: ["--engine", "x", "--record"])
    try expect("--engine", in: ["--engine", " "])
  }

  @Test func thisEngineIsWithinOtherArithmeticsToo() throws {
    let folder = try TemporaryFolder()
    for arithmetic in ["f32", "f16", "f32,flush-to-zero,order=8-lanes"] {
      let command = try Command(
        ["fuzz", "rms-norm", "--cases", "40", "--arithmetic", arithmetic, "--corpus", folder.url.path])
      #expect(command.status == 0 && command.output.hasPrefix("arithmetic  \(arithmetic): "), "\(command.output)")
    }
  }
}
