import Foundation
import Testing

/// `plumb train`, on a text and a model that take no time.
@Suite struct TrainCommandTests {
  private let folder: TemporaryFolder
  private let text: String
  /// The extents of a model that learns in a blink.
  private static let tiny = [
    "--layers", "1", "--width", "16", "--heads", "2", "--kv-heads", "1", "--ff", "16", "--context", "16", "--batch",
    "2",
  ]

  init() throws {
    folder = try TemporaryFolder()
    text = try folder.file("text", Array(String(repeating: "A plumb line shows the true vertical. ", count: 20).utf8))
  }

  private func path(_ name: String) -> String { folder.url.appending(path: name).path(percentEncoded: false) }
  private func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }

  private func train(_ output: String, _ more: [String], steps: Int = 6) throws -> Command {
    try Command(["train", text, "--output", path(output), "--steps", "\(steps)"] + Self.tiny + more)
  }

  @Test func theTrainedModelIsReadByTheOtherCommands() throws {
    let trained = try train("model.gguf", ["--audit", "3", "--audit-tokens", "4", "--format", "f16"])
    #expect(trained.status == 0, "\(trained.errors)")
    #expect(trained.output.contains("held out") && trained.output.contains("audit        step 6, 4 tokens: within"))
    #expect(trained.errors.contains("step 6/6"))
    let model = path("model.gguf")
    let run = try Command("run", model, "--prompt", "plumb", "--tokens-to-generate", "4")
    #expect(run.status == 0 && !run.output.isEmpty, "\(run.errors)")
    #expect(try Command("drift", model, "--prompt", "lé").status == 0)
    #expect(try Command("perplexity", model, text).status == 0)
    #expect(try Command("certify", model, "--prompt", "a", "--digits", "3").status == 0)
  }

  @Test func anInterruptedTrainingEndsWithTheSameBits() throws {
    let kept = ["--checkpoint", path("state"), "--checkpoint-every", "2"]
    #expect(try train("whole.gguf", []).status == 0)
    // A process that is killed leaves the checkpoint of an even step.
    #expect(try train("killed.gguf", kept).status == 0)
    let state = try Data(contentsOf: folder.url.appending(path: "state"))
    #expect(try train("resumed.gguf", kept + ["--resume"]).status == 0)
    let whole = try Data(contentsOf: folder.url.appending(path: "whole.gguf"))
    #expect(try Data(contentsOf: folder.url.appending(path: "resumed.gguf")) == whole)
    #expect(try train("threads.gguf", ["--threads", "3"]).status == 0)
    #expect(try Data(contentsOf: folder.url.appending(path: "threads.gguf")) == whole)

    for (name, bytes, words) in [
      ("cut", state.dropLast(9), "damaged or cut off"), ("other", Data("x\n".utf8), "is not a 'plumbline training 1'"),
    ] {
      try bytes.write(to: folder.url.appending(path: name))
      let command = try train("no.gguf", ["--checkpoint", path(name), "--resume"])
      #expect(command.status == 2 && command.errors.contains(words) && !exists("no.gguf"), "\(command.errors)")
      #expect(try Data(contentsOf: folder.url.appending(path: name)) == bytes)
    }
    let other = try train("no.gguf", kept + ["--resume", "--seed", "2"])
    #expect(other.status == 2 && other.errors.contains("is of another training"), "\(other.errors)")
    #expect(try Data(contentsOf: folder.url.appending(path: "state")) == state)
  }

  @Test func killedAtAnyMomentTheCheckpointIsWhole() throws {
    let arguments = ["--checkpoint", path("state"), "--checkpoint-every", "1"]
    // The shell kills the process that it started as soon as there is a checkpoint.
    let call = (["train", text, "--output", path("no.gguf"), "--steps", "100000"] + Self.tiny + arguments)
      .map { "'\($0)'" }.joined(separator: " ")
    let killed = try Command(
      shell:
        "\"$plumb\" \(call) 2>/dev/null & while ! [ -s '\(path("state"))' ]; do sleep 0.05; done; sleep 0.3; kill -9 $!"
    )
    #expect(killed.status == 0 && !exists("no.gguf"))
    // A slow machine may be interrupted before there is a step to go on from.
    var again = killed
    for seconds in [6, 24, 96] where !again.errors.contains("--resume") {
      again = try Command(shell: "timeout --preserve-status -s INT \(seconds) \"$plumb\" \(call) --resume")
    }
    #expect(again.status == 130 && again.errors.contains("go on from it with --resume"), "\(again.errors)")
  }

  @Test func badInputIsRefusedInALine() throws {
    let (empty, short) = (try folder.file("empty", []), try folder.file("short", Array("0123456789".utf8)))
    let there = try folder.file("there.gguf", [1])
    func call(_ text: String, _ more: String...) throws -> Command {
      try Command(["train", text, "--output", path("new.gguf"), "--steps", "4"] + Self.tiny + more)
    }
    for (command, words) in [
      (try call(empty), "the text is empty; give a text of at least 17 bytes"),
      (try call(short), "the text has 10 bytes, and a sequence with what follows it 17"),
      (try call(text, "--held-out", short), "the held-out text has 10 bytes"),
      (try call(path("none")), "there is no such file"),
      (
        try Command(["train", text, "--output", there] + Self.tiny),
        "is there already; name another file, or add --force"
      ),
      (
        try Command("train", text, "--output", path("new.gguf"), "--width", "30", "--heads", "4"),
        "no multiple of twice"
      ),
      (try Command("train", text, "--output", path("new.gguf"), "--kv-heads", "3"), "no multiple of --kv-heads 3"),
      (try Command("train", text, "--output", path("new.gguf"), "--layers", "0"), "--layers is 0"),
      (
        try Command("train", text, "--output", path("new.gguf"), "--batch", "4000", "--context", "4096"),
        "GiB of memory"
      ),
      (try call(text, "--warm-up", "4"), "--warm-up 4 is not below --steps 4"),
      (try call(text, "--rate", "nan"), "--rate is nan"), (try call(text, "--format", "q4_0"), "is not one of f32"),
      (try call(text, "--format", "q8_0"), "no multiple of the 32 numbers"),
      (try call(text, "--resume"), "'--checkpoint', which is missing"),
    ] {
      #expect(command.status == 2 && command.output.isEmpty && command.errors.contains(words), "\(command.errors)")
      #expect(!exists("new.gguf"))
    }
    #expect(try Data(contentsOf: folder.url.appending(path: "there.gguf")) == Data([1]))
  }

  /// Adam's step is its rate, whatever the gradients: at a rate of 10 the numbers soon leave Float32.
  @Test func aLossThatDivergesIsSaid() throws {
    let command = try train("no.gguf", ["--rate", "10", "--decay", "10", "--warm-up", "0"], steps: 200)
    #expect(command.status == 2 && command.output.isEmpty && !exists("no.gguf"))
    let line = command.errors.split(separator: "\n").last ?? ""
    #expect(line.contains("the loss diverged, and") && line.contains("lower --rate"), "\(command.errors)")
  }
}
