import Foundation
import PlumbEngine
import PlumbFormats
import PlumbModel
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// `--junit` of every command that judges, read back by an XML parser.
@Suite struct JUnitCommandTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// The tests that `arguments` write, and expects failures among them where the exit status is 1 and nowhere else.
  private func tests(_ arguments: String..., status: Int32) throws -> TestFile {
    let path = folder.url.appending(path: "junit.xml").path(percentEncoded: false)
    try? FileManager.default.removeItem(atPath: path)
    let command = try Command(arguments + ["--junit", path])
    #expect(command.status == status, "\(arguments): \(command.errors)")
    #expect(!command.output.isEmpty || status == 2)
    let file = try TestFile(try #require(FileManager.default.contents(atPath: path)))
    #expect(file.count("testcase") == file.cases.count && file.count("failure") == file.failures.count)
    #expect(file.failures.isEmpty == (status == 0))
    return file
  }

  @Test func aLayerIsATest() throws {
    let corpus = folder.url.path(percentEncoded: false)
    let within = try tests("fuzz", "all", "--cases", "2", "--corpus", corpus, status: 0)
    #expect(within.cases == LayerKind.allCases.map(\.rawValue))
    let engine = Command.executable.deletingLastPathComponent().appending(path: "faulty-engine").path(
      percentEncoded: false)
    let wrong = try tests(
      "fuzz", "relu", "--cases", "4", "--corpus", corpus, "--engine", "\(engine) wrong-value", status: 1)
    #expect(wrong.cases == ["relu"])
    #expect(wrong.failures.first?.contains("--replay 'relu ") == true, "\(wrong.failures)")
  }

  @Test func aFunctionIsATest() throws {
    #expect(try tests("exhaust", "exp", "--range", "1...1.00001", status: 0).cases == ["exp"])
  }

  @Test func aFileIsATest() throws {
    let goldens = folder.url.appending(path: "goldens").path(percentEncoded: false)
    #expect(try Command("golden", "regenerate", "relu", "gate", "--folder", goldens).status == 0)
    let file = "\(goldens)/relu.golden"
    let check = ["golden", "check", "relu", "gate", "--folder", goldens]
    #expect(try tests(check[0], check[1], check[2], check[3], check[4], check[5], status: 0).cases.count == 2)
    let text = try String(contentsOfFile: file, encoding: .utf8)
    let changed = text.replacing("numbers in", with: "Numbers in", maxReplacements: 1)
    try ChecksumLine.plain.sealed(ChecksumLine.plain.content(of: changed))
      .write(toFile: file, atomically: true, encoding: .utf8)
    let other = try tests(check[0], check[1], check[2], check[3], check[4], check[5], status: 1)
    #expect(
      other.failures.count == 1 && other.messages.first?.contains("relu.golden, line ") == true, "\(other.messages)")
    try Data("no\u{1}golden".utf8).write(to: URL(filePath: file))
    #expect(try tests(check[0], check[1], check[2], check[3], check[4], check[5], status: 2).failures.count == 1)
  }

  @Test func aComparisonIsATest() throws {
    var writer = SafeTensorsWriter()
    writer.add("logits", shape: [256], (0..<256).map { $0 == 7 ? Float.nan : 0 })
    let against = try folder.file("logits\u{1}&.safetensors", writer.bytes())
    #expect(try tests("certify", "--tokens", "80", status: 0).cases == ["engine"])
    let file = try tests("certify", "--tokens", "80", "--against", against, status: 1)
    #expect(file.cases.count == 2 && file.failures.count == 1)
  }

  @Test func anActivationIsATest() throws {
    #expect(try tests("drift", "--tokens", "80", "--local-only", status: 0).cases.count == 40)
  }

  @Test func theFileIsCheckedBeforeTheWork() throws {
    for arguments in [
      ["fuzz", "relu"], ["exhaust", "exp"], ["golden", "check", "relu"], ["certify"], ["drift", "--local-only"],
    ] {
      let command = try Command(arguments + ["--junit", "/nowhere/at/all.xml"])
      #expect(command.status == 2 && command.output.isEmpty, "\(arguments)")
      #expect(command.errors.contains("--junit /nowhere/at/all.xml"), "\(command.errors)")
    }
  }
}

/// A file of test results as an XML parser reads it.
private final class TestFile: NSObject, XMLParserDelegate {
  private(set) var cases: [String] = []
  private(set) var failures: [String] = []
  private(set) var messages: [String] = []
  private var counts: [String: Int] = [:]
  private var text = ""

  init(_ data: Data) throws {
    super.init()
    let parser = XMLParser(data: data)
    parser.delegate = self
    try #require(parser.parse(), "\(parser.parserError.map { "\($0)" } ?? "")")
  }

  /// The number of elements called `name`; of test cases and failures also what the whole says of itself.
  func count(_ name: String) -> Int { counts[name] ?? 0 }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
    attributes: [String: String]
  ) {
    counts[name, default: 0] += 1
    text = ""
    if name == "testcase" { cases.append(attributes["name"] ?? "") }
    if name == "failure" { messages.append(attributes["message"] ?? "") }
  }

  func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }

  func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
    if name == "failure" { failures.append(text) }
  }
}
