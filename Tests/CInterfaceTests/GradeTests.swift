import CPlumbline
import DocumentedJSON
import Foundation
import PlumbCInterface
import Synchronization
import Testing

/// Dumps that are graded through the C interface.
@Suite struct GradeTests {
  private static let model = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Fixtures/tiny-qwen3").path(percentEncoded: false)
  private static let tokens = "[1, 7, 4, 20, 13, 9, 3, 25, 17, 30, 2, 11]"

  private static func grade(
    _ model: String?, _ dump: String?, _ options: String?, _ progress: Listener.Function? = nil,
    _ context: UnsafeMutableRawPointer? = nil
  ) -> Answer {
    Answer { plumbline_grade(model, dump, options, progress, context, $0) }
  }

  @Test func theReportHasTextAndPage() throws {
    let dump = "\(Self.model)/float64.safetensors"
    let answer = Self.grade(Self.model, dump, #"{"tokens": \#(Self.tokens), "page": true, "localOnly": true}"#)
    #expect(answer.status == PLUMBLINE_OK.rawValue && answer.verdict == "within")
    #expect((answer.json["text"] as? String)?.contains("all within") == true)
    #expect((answer.json["page"] as? String)?.hasPrefix("<!DOCTYPE html>") == true)
    #expect(answer.json["precision"] is NSNull)
    let findings = try DocumentedJSON().findings(in: answer.text, of: "plumbline_grade")
    #expect(findings.problems.isEmpty && findings.met.contains("plumbline_grade"), "\(findings)")
  }

  @Test func wrongArgumentsAreSaid() {
    let dump = "\(Self.model)/float64.safetensors"
    let cases: [(String?, String?, String?, String)] = [
      (nil, dump, "{}", "'model' is a null pointer"), (Self.model, nil, "{}", "'dump' is a null pointer"),
      (Self.model, dump, nil, "the prompt is empty"), (Self.model, dump, #"{"tokens": 3}"#, "option 'tokens' is 3"),
      (Self.model, dump, #"{"tokens": [1.5]}"#, "option 'tokens'"),
      (Self.model, dump, #"{"tokens": [1], "speed": 2}"#, "there is no option 'speed'"),
      (Self.model, dump, #"{"tokens": [1], "localOnly": 1}"#, "option 'localOnly' is 1, expected true or false"),
      (Self.model, dump, #"{"tokens": [-1]}"#, "token -1 is not in the model's vocabulary"),
      (Self.model, dump, #"{"tokens": [1], "arithmetic": "engine"}"#, "plumb's own kernels"),
      ("/no/such", dump, #"{"tokens": [1]}"#, "/no/such"),
    ]
    for (model, dump, options, part) in cases {
      let answer = Self.grade(model, dump, options)
      #expect(answer.status == PLUMBLINE_BAD_ARGUMENT.rawValue && answer.text.contains(part), "\(answer.text)")
      #expect(!answer.text.contains("\n"))
    }
  }

  @Test func theListenerEndsIt() {
    let count = UnsafeMutablePointer<Int>.allocate(capacity: 1)
    defer { count.deallocate() }
    count.initialize(to: 0)
    let dump = "\(Self.model)/float64.safetensors"
    let answer = Self.grade(
      Self.model, dump, #"{"tokens": \#(Self.tokens)}"#,
      { context, _ in
        context?.assumingMemoryBound(to: Int.self).pointee += 1
        return PLUMBLINE_STOP
      }, count)
    #expect(answer.status == PLUMBLINE_STOPPED.rawValue)
    // Calls come one at a time, and none after the one that asked for the end.
    #expect(count.pointee == 1)
  }
}
