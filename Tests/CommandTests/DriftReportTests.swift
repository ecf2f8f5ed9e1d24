import Foundation
import PlumbFormats
import Testing

@Suite struct DriftReportTests {
  @Test func coloursAreForTerminalsThatWantThem() throws {
    let arguments = ["drift", "--tokens", "80"]
    let plain = try Command(arguments, environment: ["TERM": "xterm"])
    #expect(plain.status == 0, "\(plain.errors)")
    #expect(!plain.output.contains("\u{1B}"))
    let coloured = try Terminal(arguments, environment: ["TERM": "xterm", "NO_COLOR": ""])
    #expect(coloured.output.contains("\u{1B}[32m"))
    #expect(coloured.output.replacing(/\u{1B}\[[0-9;]*m/, with: "") == plain.output)
    for refusal in [["TERM": "xterm", "NO_COLOR": "1"], ["TERM": "dumb", "NO_COLOR": ""]] {
      #expect(try Terminal(arguments, environment: refusal).output == plain.output)
    }
  }

  @Test func thePageIsWrittenWholeBesideTheTable() throws {
    let folder = try TemporaryFolder()
    let path = folder.url.appending(path: "drift.html").path(percentEncoded: false)
    let command = try Command("drift", "--tokens", "80,108,117", "--html", path, "--head", "1.0")
    #expect(command.status == 0, "\(command.errors)")
    #expect(command.output.contains("accumulated drift of blocks 0 to 1"))
    let page = try String(contentsOfFile: path, encoding: .utf8)
    #expect(page.hasPrefix("<!DOCTYPE html>") && page.hasSuffix("</html>\n"))
    #expect(page.contains("--tokens 80,108,117 --html"))
    #expect(page.contains("Block 1, head 0"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path(percentEncoded: false)).count == 1)
  }

  @Test(arguments: [
    (["--head", "2.0", "--json"], "--head 2.0: the model has blocks 0 to 1, each with heads 0 to 3"),
    (["--head", "0.4", "--json"], "--head 0.4: the model has blocks 0 to 1, each with heads 0 to 3"),
    (["--head", "1"], "'1' is invalid for '--head <block.head>'"),
    (["--baseline", "/nowhere.json"], "--baseline /nowhere.json: there is no such file"),
    (["--allow", "2"], "'--allow' is about '--baseline'"),
    (
      ["--html", "/nowhere/at/all.html"],
      "--html /nowhere/at/all.html: cannot be written (No such"
    ),
    (["--html", "/"], "--html /: is a folder; name a file"),
  ]) func whatCannotBeReportedIsRefusedAtOnce(arguments: [String], message: String) throws {
    let command = try Command(["drift", "--tokens", "80"] + arguments)
    #expect(command.status == 2)
    #expect(command.output.isEmpty)
    #expect(command.errors.contains(message), "\(command.errors)")
  }

  @Test func aRecordedProfileHoldsLaterRuns() throws {
    let folder = try TemporaryFolder()
    func path(_ name: String) -> String { folder.url.appending(path: name).path(percentEncoded: false) }
    let record = try Command(
      "drift", "--tokens", "80", "--record-baseline", path("profile.json"), "--junit", path("junit.xml"))
    #expect(record.status == 0, "\(record.errors)")
    #expect(try String(contentsOfFile: path("junit.xml"), encoding: .utf8).contains("failures=\"0\""))
    let same = try Command("drift", "--tokens", "80", "--baseline", path("profile.json"))
    #expect(same.status == 0, "\(same.errors)")
    #expect(same.output.contains("no worse than recorded, in 40 activations"))

    let profile = try String(contentsOfFile: path("profile.json"), encoding: .utf8)
    let better = profile.replacing(/"margin" : [0-9.e-]+/, with: "\"margin\" : 0")
    let changed = try folder.file("changed.json", Array(better.utf8))
    let refused = try Command("drift", "--tokens", "80", "--baseline", changed)
    #expect(refused.status == 2 && refused.output.isEmpty)
    #expect(refused.errors.contains("was changed after it was written"), "\(refused.errors)")
    let resealed = ChecksumLine.json.sealed(ChecksumLine.json.content(of: better))
    let other = try folder.file("better.json", Array(resealed.utf8))
    let worse = try Command("drift", "--tokens", "80", "--baseline", other, "--json")
    #expect(worse.status == 1, "\(worse.errors)")
    let report = try #require(try JSONSerialization.jsonObject(with: Data(worse.output.utf8)) as? [String: Any])
    #expect(report["verdict"] as? String == "within")
    #expect(((report["baseline"] as? [String: Any])?["regressions"] as? [Any])?.isEmpty == false)
    let rubbish = try Command("drift", "--tokens", "80", "--baseline", try folder.file("rubbish", [1, 2, 3]))
    #expect(rubbish.status == 2)
    #expect(rubbish.errors.contains("is no recorded profile; '--record-baseline' writes one"))
  }
}
