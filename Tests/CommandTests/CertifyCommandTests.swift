import Foundation
import PlumbFormats
import PlumbModel
import Testing

@Suite struct CertifyCommandTests {
  @Test func theDistributionIsPrintedAndWritten() throws {
    let folder = try TemporaryFolder()
    let file = folder.url.appending(path: "exact.safetensors").path(percentEncoded: false)
    let text = folder.url.appending(path: "exact.tsv").path(percentEncoded: false)
    let first = try Command("certify", "--prompt", "Plumb", "--digits", "24", "--output", file, "--text", text)
    #expect(first.status == 0, "\(first.errors)")
    #expect(first.lines.allSatisfy { $0.count <= 80 })
    #expect(first.output.contains("proved to be the exact one"))
    let rows = try String(contentsOfFile: text, encoding: .utf8).split(separator: "\n")
    #expect(rows.count == 257)
    // 24 digits and one more after the point.
    #expect(rows[1].split(separator: "\t")[1].split(separator: " ")[0].split(separator: ".")[1].count == 25)

    // The exact logits, rounded to Float32, make the exact choices.
    let against = try Command("certify", "--prompt", "Plumb", "--against", file, "--json")
    #expect(against.status == 0, "\(against.errors)")
    let json = try #require(
      try JSONSerialization.jsonObject(with: Data(against.output.utf8)) as? [String: Any])
    let comparisons = try #require(json["comparisons"] as? [[String: Any]])
    #expect(comparisons.map { $0["source"] as? String } == ["engine", file])
    #expect(comparisons[1]["firstChoice"] as? String == "proved")
    // Rounding to Float32 moves a logit by half an ulp at most; the enclosure is narrower than 1e-20, far below the other half.
    let logits = try Activation<Float>(try #require(try SafeTensors(path: file)["logits"]), file: file).elements
    let ulp = try #require(logits.map(\.magnitude).max()).ulp
    #expect(try #require(comparisons[1]["greatestAbsolute"] as? Double) < Double(ulp))
    #expect((json["next"] as? [Any])?.count == 10)
  }

  @Test func logitsThatChooseWronglyAreRefuted() throws {
    let folder = try TemporaryFolder()
    let file = folder.url.appending(path: "wrong.safetensors").path(percentEncoded: false)
    // Two rows: the last one counts, and it is the first that would be right to refuse.
    var writer = SafeTensorsWriter()
    var logits = [Float](repeating: 0, count: 512)
    logits[256 + 7] = 1
    writer.add("logits", shape: [2, 256], logits)
    try writer.write(to: file)
    let wrong = try Command("certify", "--prompt", "Plumb", "--digits", "6", "--against", file)
    #expect(wrong.status == 1, "\(wrong.errors)")
    #expect(wrong.output.contains("proved NOT to be"))

    var other = SafeTensorsWriter()
    other.add("scores", shape: [2], [1, 2])
    try other.write(to: file)
    for (arguments, word) in [
      (["--against", file], "'scores'"), (["--against", file + ".no"], "wrong.safetensors.no"),
      (["--digits", "0"], "--digits"), (["--digits", "5000"], "--digits"), (["--top-p", "0"], "--top-p"),
      (["--checkpoint", "/no/such/folder/x"], "/no/such/folder/x"),
    ] {
      let command = try Command(["certify", "--prompt", "Pl"] + arguments)
      #expect(command.status == 2 && command.output.isEmpty && command.errors.contains(word), "\(command.errors)")
    }
  }

  @Test func `logits that are not finite are said, and fail`() throws {
    let folder = try TemporaryFolder()
    let exact = folder.url.appending(path: "exact.safetensors").path(percentEncoded: false)
    let file = folder.url.appending(path: "strange.safetensors").path(percentEncoded: false)
    #expect(try Command("certify", "--prompt", "Plumb", "--digits", "6", "--output", exact).status == 0)
    let right = try Activation<Float>(try #require(try SafeTensors(path: exact)["logits"]), file: exact).elements
    func against(_ change: (inout [Float]) -> Void) throws -> (report: Command, comparison: [String: Any]) {
      var logits = right
      change(&logits)
      var writer = SafeTensorsWriter()
      writer.add("logits", shape: [logits.count], logits)
      try writer.write(to: file)
      let arguments = ["certify", "--prompt", "Plumb", "--digits", "6", "--top-k", "3", "--against", file]
      let json = try JSONSerialization.jsonObject(with: Data(try Command(arguments + ["--json"]).output.utf8))
      let comparisons = (json as? [String: Any])?["comparisons"] as? [[String: Any]]
      return (try Command(arguments), try #require(comparisons?.last))
    }
    let order = right.indices.sorted { right[$0] > right[$1] }
    // The exact first choice stands, and so do the three greatest.
    let one = try against { $0[order[200]] = .nan }
    #expect(one.report.status == 1)
    #expect(one.report.output.contains("  not finite         1 logit is NaN, of token \(order[200])\n"))
    let few = try against { for token in $0.indices where !order.prefix(2).contains(token) { $0[token] = .nan } }
    #expect(few.report.status == 1 && few.report.output.contains("254 logits are NaN"))
    #expect(few.report.lines.allSatisfy { $0.count <= 80 })
    let infinite = try against {
      $0[7] = .infinity
      $0[9] = -.infinity
    }
    #expect(infinite.report.status == 1)
    for comparison in [one, few, infinite].map(\.comparison) {
      for key in ["firstChoice", "topK", "topP"] { #expect(comparison[key] as? String == "undecided") }
    }
    let kinds = try #require(infinite.comparison["nonFinite"] as? [[String: Any]])
    #expect(kinds.map { $0["kind"] as? String } == ["inf", "-inf"])
    #expect(kinds.map { $0["token"] as? Int } == [7, 9])
  }

  @Test func aPassThatWasKilledGoesOnFromItsCheckpoint() throws {
    let folder = try TemporaryFolder()
    let checkpoint = folder.url.appending(path: "pass.checkpoint").path(percentEncoded: false)
    // 1000 digits take long enough for the first block's checkpoint to be there well before the end.
    let arguments = ["certify", "--prompt", "Plumb", "--digits", "1000", "--json"]
    let whole = try Command(arguments)
    #expect(whole.status == 0, "\(whole.errors)")
    let process = Process()
    process.executableURL = Command.executable
    process.arguments = arguments + ["--checkpoint", checkpoint]
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    while process.isRunning, !FileManager.default.fileExists(atPath: checkpoint) { usleep(200) }
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    #expect(process.terminationReason == .uncaughtSignal)
    #expect(FileManager.default.fileExists(atPath: checkpoint))
    let resumed = try Command(arguments + ["--checkpoint", checkpoint])
    #expect(resumed.status == 0, "\(resumed.errors)")
    #expect(resumed.output == whole.output)
  }

  @Test func `a checkpoint or a dump with one changed digit is refused and kept`() throws {
    let folder = try TemporaryFolder()
    let checkpoint = folder.url.appending(path: "pass.checkpoint").path(percentEncoded: false)
    let output = folder.url.appending(path: "exact.safetensors").path(percentEncoded: false)
    let arguments = ["certify", "--prompt", "Pl", "--digits", "6"]
    #expect(try Command(arguments + ["--checkpoint", checkpoint, "--output", output]).status == 0)
    for (file, option) in [(checkpoint, "--checkpoint"), (output, "--against")] {
      var bytes = Array(try Data(contentsOf: URL(filePath: file)))
      // A digit of the last midpoint, or a bit of a number.
      let digits = "0x1.".utf8
      let digit = bytes.indices.dropLast(digits.count).last { bytes[$0...].starts(with: digits) }
      let place = file == checkpoint ? try #require(digit) + digits.count : bytes.count - 400
      bytes[place] = bytes[place] == UInt8(ascii: "1") ? UInt8(ascii: "2") : UInt8(ascii: "1")
      try Data(bytes).write(to: URL(filePath: file))
      let command = try Command(arguments + [option, file])
      #expect(command.status == 2 && command.output.isEmpty, "\(command.output)")
      #expect(command.errors.contains("was changed after"), "\(command.errors)")
      #expect(command.errors.split(separator: "\n").count == 1)
      #expect(Array(try Data(contentsOf: URL(filePath: file))) == bytes)
    }
  }

  @Test func sizesThatCannotBeMeasuredAreRefused() throws {
    for arguments in [
      ["pass", "--width", "63"], ["pass", "--depth", "0"], ["layer", "--inputs", "1000000"],
      ["layer", "--precision", "8"],
    ] {
      let command = try Command(["measure"] + arguments)
      #expect(command.status == 2 && command.output.isEmpty, "\(command.errors)")
    }
    let layer = try Command("measure", "layer", "--inputs", "40", "--outputs", "70", "--tokens", "2")
    #expect(layer.status == 0 && layer.output.contains("s; 36 of 36 elements"), "\(layer.output)")
    let pass = try Command("measure", "pass", "--width", "64", "--depth", "1", "--tokens", "2", "--precision", "128")
    #expect(pass.status == 0 && pass.output.split(separator: "\t").count == 2, "\(pass.output)\(pass.errors)")
  }
}
