import Foundation
import Testing

@Suite struct GradeReportTests {
  @Test func thePageAndTheTestsAreWrittenBesideTheTable() throws {
    let folder = try TemporaryFolder()
    func path(_ name: String) -> String { folder.url.appending(path: name).path(percentEncoded: false) }
    let dump = try folder.file(
      "dump.safetensors",
      try EngineDump.bytes(changing: "blocks.1.gated-up") { $0.map { $0 * 1.5 } })
    let command = try Command(
      "grade", "seeded", dump, "--tokens", EngineDump.list, "--html", path("grade.html"), "--junit", path("grade.xml"),
      "--head", "1.2", "--json")
    #expect(command.status == 1, "\(command.errors)")
    let report = try #require(try JSONSerialization.jsonObject(with: Data(command.output.utf8)) as? [String: Any])
    let cause = try #require(report["firstCause"] as? [String: Any])
    #expect(cause["name"] as? String == "blocks.1.gated-up")
    #expect((report["attention"] as? [[String: Any]])?.map { $0["head"] as? Int } == [2])
    let page = try String(contentsOfFile: path("grade.html"), encoding: .utf8)
    #expect(page.hasPrefix("<!DOCTYPE html>") && page.hasSuffix("</html>\n"))
    #expect(page.contains("The first cause: blocks.1.gated-up"))
    #expect(page.contains("plumb grade seeded") && page.contains("Block 1, head 2"))
    #expect(try String(contentsOfFile: path("grade.xml"), encoding: .utf8).contains("<failure "))
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.url.path(percentEncoded: false))
    #expect(names.sorted() == ["dump.safetensors", "grade.html", "grade.xml"])
  }

  @Test(arguments: [
    (["--head", "2.0", "--json"], "--head 2.0: the model has blocks 0 to 1, each with heads 0 to 3"),
    (["--head", "0.0", "--local-only"], "'--head' is of the exact pass from the tokens"),
    (
      ["--html", "/nowhere/at/all.html"],
      "--html /nowhere/at/all.html: cannot be written (No such"
    ),
    (["--junit", "/"], "--junit /: is a folder; name a file"),
  ]) func whatCannotBeReportedIsRefusedAtOnce(arguments: [String], message: String) throws {
    let command = try Command(["grade", "seeded", "/nowhere.safetensors", "--tokens", "80"] + arguments)
    #expect(command.status == 2)
    #expect(command.output.isEmpty)
    #expect(command.errors.contains(message), "\(command.errors)")
  }
}
