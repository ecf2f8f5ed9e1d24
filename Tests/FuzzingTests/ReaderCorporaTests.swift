import Foundation
import FuzzReaders
import Testing

/// Inputs that the coverage-guided runs kept, given to the readers again: each keeps its promises.
@Suite struct ReaderCorporaTests {
  @Test(arguments: Reader.allCases) func everyInputIsRead(_ reader: Reader) throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Fuzz/\(reader.rawValue)")
    let inputs = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
    var answers: [Bool] = []
    for input in inputs {
      do throws(BrokenPromise) {
        answers.append(try reader.read(Array(try contents(input))))
      } catch { Issue.record("\(input.lastPathComponent): \(error)") }
    }
    // A reader that refuses everything keeps its promises, and one that refuses nothing makes none.
    #expect(answers.contains(true) && (reader == .tokenizer || answers.contains(false)))
  }

  private func contents(_ input: URL) throws(BrokenPromise) -> Data {
    guard let data = FileManager.default.contents(atPath: input.path(percentEncoded: false)) else {
      throw BrokenPromise("\(input) cannot be read")
    }
    return data
  }
}
