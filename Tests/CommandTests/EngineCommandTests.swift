import Foundation
import Testing

extension Command {
  /// The words on the standard error stream, but for how fast it went.
  fileprivate var complaints: [Substring] {
    errors.split(separator: "\n").filter {
      !($0.hasPrefix("plumb: ") && ($0.hasSuffix(" a second") || $0.hasSuffix(" by the exact path")))
    }
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
  static func hasPython(_ modules: String) -> Bool {
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
    #expect(command.lines[1].hasPrefix("arithmetic  f32: ") && command.lines[2].contains("within 4 ulps"))
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
    ("rubbish", "rubbish: 'Loading the model...\\n' stands where the reply should begin"),
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
    let header = try #require(command.lines.firstIndex { $0.hasPrefix("layer ") })
    let table = command.lines[header + 1].split(separator: " ")
    #expect(table[0] == "silu" && table[1] == "8" && table[2] == "2", "\(command.output)")
    // Both become the same case; a hang may leave no time for that.
    let failures = command.lines.dropFirst(header + 2)
    let heading = fault == "hang" ? "case 6" : "case 6 and 1 more of the same"
    #expect(failures.first?.hasPrefix(heading) == true, "\(command.output)")
    #expect(failures.first?.contains(": " + message) == true, "\(command.output)")
    #expect(failures.last?.hasPrefix("Next: ") == true && (fault == "hang" || failures.count == 3), "\(command.output)")
    // The printed line decides the shrunk case again, with the same engine.
    let line = try #require(failures.dropFirst().first)
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
    #expect(failures.allSatisfy { $0["kind"] as? String == "wrong number" && $0["shrunk"] is [String: Any] })
    let what = try #require(failures.first?["what"] as? String)
    #expect(what.hasPrefix("element [0, 0] is wrong: yours ") && what.contains(", exact ") && what.contains(", bound "))
    // The table has the same sentence, once for all cases that became the same, and its condition.
    let table = try fuzz(Self.built("faulty-engine") + " wrong-value", "--cases", "12")
    #expect(table.output.contains(what + "\n  plumb fuzz silu --engine "), "\(table.output)")
    #expect(table.lines.count { $0.hasPrefix("case ") } <= 10)
    #expect(table.lines.last?.hasPrefix("Next: mend the kernel") == true)
    let condition = table.lines.drop { !$0.hasPrefix("Outside is proved for the formula and the arithmetic") }
    #expect(condition.count > 1 && condition.allSatisfy { $0.count <= 80 })
    let text = condition.joined(separator: " ")
    #expect(text.contains("silu: y = x / (1 + e^(−x)); arithmetic 'f32'"), "\(table.output)")
    let nan = try fuzz(Self.built("faulty-engine") + " not-a-number", "--cases", "2")
    #expect(nan.status == 1 && nan.output.contains("element [0, 0] is NaN: exact "), "\(nan.output)")
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
    // So much time to make failures smaller that other work on the machine does not cut it short.
    let options = ["--cases", "1100", "--strategy", "random", "--shrinking-time", "600"]
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
      ("/no/such/engine", ["/no/such/engine", "does not start", "status 127", "not found"]),
      ("exit 5", ["ended 3 times without a reply", "status 5"]),
    ] {
      let command = try fuzz(engine, "--cases", "50")
      #expect(command.status == 2 && command.output.isEmpty, "\(command.output)")
      let line = try #require(command.errors.split(separator: "\n").last { $0.hasPrefix("plumb: ") })
      for word in words { #expect(line.contains(word), "\(command.errors)") }
    }
  }

  /// Each is no engine, and is told so after three requests at the latest: one line, and what to do.
  @Test(arguments: [
    (
      "banner", "prints to its standard output: 'Loading the model...\\n' stands where the reply should begin",
      "standard error"
    ),
    ("dot", "prints to its standard output: '.' stands where the reply should begin", "standard error"),
    ("progress", "prints to its standard output: 'case 1\\n' stands where the reply should begin", "standard error"),
    ("deaf", "does not answer: no reply within 1.0 seconds", "closed its standard input"),
    ("hang", "does not answer: no reply within 1.0 seconds", "--engine-timeout"),
    ("half", "does not answer: no reply within 1.0 seconds, after 4 of the 89 bytes of a reply", "flush"),
    ("half-exit", "ended 3 times without a reply: it exited with status 0", "until its input ends"),
  ])
  func whatIsNoEngineIsToldSo(fault: String, words: String, advice: String) throws {
    // A busy machine may take seconds to start a process, and its first words are not to be missed.
    let limit = ["deaf", "hang", "half"].contains(fault) ? "1" : "30"
    let engine = "exec \(Self.built("faulty-engine")) \(fault)"
    let command = try fuzz(engine, "--cases", "500", "--strategy", "exact", "--engine-timeout", limit)
    #expect(command.status == 2 && command.output.isEmpty, "\(command.output)")
    #expect(command.complaints.count == 1, "\(command.errors)")
    let line = try #require(command.complaints.first)
    #expect(line.hasPrefix("plumb: the engine '\(engine)' \(words)"), "\(line)")
    #expect(line.contains(advice), "\(line)")
  }

  @Test func anEngineThatAnswersOnceIsToldToGoOn() throws {
    let command = try fuzz("exec \(Self.built("faulty-engine")) once", "--cases", "4", "--strategy", "exact")
    #expect(command.status == 1)
    #expect(command.output.contains("crash: exited with status 0") && command.output.contains("until its input ends"))
  }

  /// The words of an engine when a case fails are passed on; those said again while it is shrunk are not.
  @Test func theStandardErrorStreamIsMutedWhileShrinking() throws {
    let engine = "exec \(Self.built("faulty-engine")) last-words 6"
    let command = try fuzz(engine, "--cases", "8", "--strategy", "exact")
    #expect(command.status == 1)
    #expect(command.complaints == ["Traceback", "no kernel for this shape", "Traceback", "no kernel for this shape"])
    #expect(command.output.contains("; its last words: 'no kernel for this shape'"), "\(command.output)")
  }

  /// A failure that does not come again each time is said to be so, with how often of how many, and is not made smaller.
  @Test(arguments: [
    ("sometimes", "did not come each time, so the engine is not deterministic, or keeps state"),
    ("worn", "came only after other requests to the same process"), ("fresh", "came only at the first request"),
    ("numbered 6", "did not come again"),
  ])
  func whatDoesNotComeAgainIsSaidToBeSo(fault: String, words: String) throws {
    let engine = Self.built("faulty-engine") + " " + fault
    let command = try fuzz(engine, "--cases", "8", "--strategy", "exact", "--json")
    #expect(command.status == 1, "\(command.output)\(command.errors)")
    let reports = try #require(
      try JSONSerialization.jsonObject(with: Data(command.output.utf8)) as? [[String: Any]])
    let failure = try #require((reports.first?["failures"] as? [[String: Any]])?.first)
    let what = try #require(failure["what"] as? String)
    #expect(what.contains(" is wrong: yours ") && what.contains("; " + words), "\(what)")
    #expect(failure["shrunk"] is NSNull)
    let repetition = try #require(failure["repetition"] as? [String: Int])
    let (replays, failed) = (try #require(repetition["replays"]), try #require(repetition["failed"]))
    #expect(what.contains(": replayed \(replays) times, failed \(failed); "))
    let expected = ["sometimes": 1..<replays, "worn": replays..<replays + 1][fault] ?? 0..<1
    #expect(expected.contains(failed), "\(repetition)")
    #expect(repetition["failedAnew"] == (fault == "fresh" ? repetition["renewals"] : 0), "\(repetition)")
  }

  @Test func aReplayOfAnotherEngineIsDecidedSeveralTimes() throws {
    let line = "silu x=[1x1]:0x1p+0"
    let sometimes = try fuzzReplay(Self.built("faulty-engine") + " sometimes", line)
    #expect(
      sometimes.status == 1 && sometimes.output.contains("replayed   11 times, failed 3: "), "\(sometimes.output)")
    #expect(sometimes.output.contains("failure    element [0, 0] is wrong: yours 1.7310586, exact 0.731058578630"))
    let always = try fuzzReplay(Self.built("faulty-engine") + " wrong-value", line, "--json")
    #expect(
      always.status == 1 && always.output.contains("\"failed\" : 11") && always.output.contains("\"replays\" : 11"))
    #expect(always.output.contains("\"kind\" : \"wrong number\"") && always.output.contains("\"what\" : \"element"))
  }

  /// An engine that takes long for each smaller case: the time to make failures smaller is the one that was given.
  @Test func theTimeForShrinkingIsHeld() throws {
    let start = ContinuousClock.now
    let command = try fuzz(
      Self.built("faulty-engine") + " slow", "--cases", "1", "--strategy", "random", "--shrinking-time", "3")
    #expect(command.status == 1, "\(command.output)")
    #expect(command.errors.contains("plumb: silu: failure 1 of 1 may be made smaller still: the time ended after "))
    #expect(command.errors.contains("give '--shrinking-time' more seconds"), "\(command.errors)")
    // Ten replies each to hear that the first and the smaller case fail again, at most two seconds each, and one between them.
    #expect(ContinuousClock.now - start < .seconds(60))
  }

  /// More than a pipe holds: an engine that nobody listened to would stand still.
  @Test func aNoisyEngineIsWithin() throws {
    let command = try fuzz(Self.built("faulty-engine") + " noisy", "--cases", "8", "--strategy", "exact")
    #expect(command.status == 0 && command.complaints.count == 1, "\(command.output)")
    #expect(command.errors.count > 180_000)
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
    for time in ["0", "-1", "nan", "1e9"] { try expect("--shrinking-time", in: ["--shrinking-time=\(time)"]) }
    try expect("--shrinking-time", in: ["--replay", "silu x=[1x1]:0x1p+0", "--shrinking-time", "3"])
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

  /// A kernel that is wrong from its second block on: what shrinking leaves is longer than a terminal takes.
  @Test func aLongCaseIsReplayedFromAFile() throws {
    let folder = try TemporaryFolder()
    let engine = Self.built("faulty-engine") + " second-block"
    let options = ["fuzz", "silu", "--engine", engine, "--corpus", folder.url.path]
    let shape = ["--cases", "1", "--shape", "rows=1,columns=1100"]
    let environment = ["TMPDIR": folder.url.path]
    let command = try Command(options + shape, environment: environment)
    #expect(command.status == 1, "\(command.errors)")
    #expect(command.lines.allSatisfy { $0.utf8.count < 2000 })
    let line = try #require(command.lines.first { $0.contains("--replay '@") })
    let file = try #require(line.split(separator: "'").last { $0.hasPrefix("@") })
    #expect(file.hasPrefix("@\(folder.url.path)/plumb-silu-") && file.hasSuffix(".case"), "\(file)")
    let text = try String(contentsOfFile: String(file.dropFirst()), encoding: .utf8)
    #expect(text.hasPrefix("silu x=[1x1") && text.hasSuffix("\n"), "\(text.prefix(40))")
    let replayed = try Command(["fuzz", "silu", "--engine", engine, "--replay", String(file)])
    #expect(replayed.status == 1 && replayed.output.contains("[0, 10"), "\(replayed.output)\(replayed.errors)")
    // What is no such file is said to be none.
    let two = folder.url.appending(path: "two.case")
    try "silu x=[1x1]:1\nsilu x=[1x1]:2\n".write(to: two, atomically: true, encoding: .utf8)
    for (path, word) in [(two.path, "2 cases"), ("\(folder.url.path)/none", "none")] {
      let refused = try Command(["fuzz", "silu", "--replay", "@\(path)"])
      #expect(refused.status == 2 && refused.errors.contains(word), "\(refused.errors)")
    }
  }
}
