import CPlumbline
import DocumentedJSON
import Foundation
import PlumbCInterface
import Testing

/// Certifications and walks through the C interface.
@Suite struct CertifyTests {
  private static let encoder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Fixtures/tiny-bert").path(percentEncoded: false)

  private static func certify(_ model: String?, _ options: String?, _ progress: Listener.Function? = nil) -> Answer {
    Answer { plumbline_certify(model, options, progress, nil, $0) }
  }

  private static func exhaust(_ function: String?, _ options: String?, _ progress: Listener.Function? = nil) -> Answer {
    Answer { plumbline_exhaust(function, options, progress, nil, $0) }
  }

  @Test func theDistributionHasItsDigits() throws {
    let answer = Self.certify("seeded", #"{"tokens": [1, 7, 4], "digits": 12, "topK": 3}"#)
    #expect(answer.status == PLUMBLINE_OK.rawValue, "\(answer.text)")
    #expect(answer.json["digits"] as? Int == 12 && answer.json["tokens"] as? [Int] == [1, 7, 4])
    #expect((answer.json["text"] as? String)?.contains("narrower than 1e-12") == true)
    let findings = try DocumentedJSON().findings(in: answer.text, of: "plumbline_certify")
    #expect(findings.problems.isEmpty && findings.met.contains("plumbline_certify"), "\(findings)")
    let prompt = Self.certify("shipped", #"{"prompt": "the", "digits": 5}"#)
    #expect(prompt.status == PLUMBLINE_OK.rawValue && prompt.json["tokens"] as? [Int] == [116, 104, 101])
  }

  @Test func shardsAreOneWalk() throws {
    func walk(_ shard: String) -> Answer { Self.exhaust("silu", #"{"range": "1...1.05", "isa": "portable"\#(shard)}"#) }
    let whole = walk("")
    #expect(whole.status == PLUMBLINE_OK.rawValue && whole.json["inputs"] as? Int == 419_431, "\(whole.text)")
    let parts = [1, 0, 2].map { walk(#", "shard": {"index": \#($0), "count": 3}"#).text }
    let joined = Answer { plumbline_merge("[\(parts.joined(separator: ","))]", $0) }
    #expect(joined.status == PLUMBLINE_OK.rawValue)
    for key in ["inputs", "correctlyRounded", "outside", "range"] {
      let (one, other) = try (#require(joined.json[key] as? NSObject), #require(whole.json[key] as? NSObject))
      #expect(one == other, "\(key)")
    }
    let missing = Answer { plumbline_merge("[\(parts[0])]", $0) }
    #expect(missing.status == PLUMBLINE_BAD_ARGUMENT.rawValue && missing.text.contains("shard 0/3 and 1 more"))
  }

  @Test func wrongArgumentsAreSaid() {
    let cases: [(Answer, String)] = [
      (Self.certify(nil, "{}"), "'model' is a null pointer"), (Self.certify("seeded", nil), "neither or both"),
      (Self.certify("seeded", #"{"tokens": [1], "prompt": "a"}"#), "neither or both"),
      (Self.certify("seeded", #"{"tokens": []}"#), "the prompt is empty"),
      (Self.certify("seeded", #"{"tokens": [1], "digits": 0}"#), "option 'digits' is 0"),
      (Self.certify("seeded", #"{"tokens": [1], "topP": 2}"#), "option 'topP' is 2"),
      (Self.certify("seeded", #"{"tokens": [1], "speed": 1}"#), "there is no option 'speed'"),
      (Self.certify("/no/such", #"{"tokens": [1]}"#), "/no/such"),
      (Self.certify(Self.encoder, #"{"tokens": [1]}"#), "is an encoder, which has no next token"),
      (Self.exhaust("sulu", nil), "there is no function 'sulu'"), (Self.exhaust(nil, nil), "'function' is a null"),
      (Self.exhaust("silu", #"{"range": "2...1"}"#), "option 'range'"),
      (Self.exhaust("silu", #"{"isa": "z80"}"#), "z80"), (Self.exhaust("silu", #"{"shard": "0/2"}"#), "option 'shard'"),
      (Self.exhaust("silu", #"{"jobs": 2}"#), "there is no option 'jobs'"),
    ]
    for (answer, part) in cases {
      #expect(answer.status == PLUMBLINE_BAD_ARGUMENT.rawValue && answer.text.contains(part), "\(answer.text)")
      #expect(!answer.text.contains("\n"))
    }
  }

  /// Work that is told to stop ends, and gives nothing.
  @Test func workIsStopped() {
    let stop: Listener.Function = { _, _ in PLUMBLINE_STOP }
    #expect(Self.exhaust("gelu", nil, stop).status == PLUMBLINE_STOPPED.rawValue)
    #expect(Self.certify("shipped", #"{"prompt": "the server room"}"#, stop).status == PLUMBLINE_STOPPED.rawValue)
  }
}
