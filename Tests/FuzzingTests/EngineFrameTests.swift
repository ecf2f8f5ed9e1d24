import PlumbCases
import PlumbVerdicts
import Testing

@testable import PlumbFuzzing

/// Replies as they arrive in pieces, and what is no reply.
@Suite struct EngineFrameTests {
  private static func isEqual(_ bytes: [UInt8], in pieces: Int) throws -> [UInt8]? {
    var frame = EngineFrame(greatest: 1 << 20)
    let framed = EngineFrame.framed(bytes)
    var reply: [UInt8]?
    for start in stride(from: 0, to: framed.count, by: pieces) {
      #expect(reply == nil)
      frame.append(framed[start..<min(start + pieces, framed.count)])
      reply = try frame.reply { "ended" }
    }
    return reply
  }

  /// Safetensors of every size whose length begins with letters, and bytes that are all letters: however they arrive,
  /// nothing in them is taken for text before another reply.
  @Test func aReplyInPiecesIsWhole() throws {
    var source = SeededSource(seed: 1, stream: "frames", index: 0)
    for count in [0, 1, 7, 8, 9, 0x41, 0x4141, 0x7E, 0x2020] {
      for letters in [false, true] {
        let header = "{\"y\":{\"dtype\":\"F32\"}}"
        let random = (0..<count).map { _ in letters ? UInt8(0x41) : UInt8.random(in: 0...255, using: &source) }
        let bytes = Array((EngineFrame.framed(Array(header.utf8)) + random).prefix(count))
        for pieces in [1, 3, 8, 4096] { #expect(try Self.isEqual(bytes, in: pieces) == bytes) }
      }
    }
  }

  @Test func textIsFoundBeforeAndBehind() throws {
    let reply = EngineFrame.framed(EngineFrame.framed(Array("{}".utf8)))
    func problem(_ bytes: [UInt8]) -> EngineFailure? {
      var frame = EngineFrame(greatest: 1 << 10)
      frame.append(bytes)
      return #expect(throws: EngineFailure.self) { try frame.reply { "is still running" } }
    }
    for text in [".", "ok\n", "epoch 1 of 7\n", "Lädt … 7 %\n", "█"] {
      let before = try #require(problem(Array(text.utf8) + reply))
      #expect(
        before.isPrinted
          && before.detail.hasPrefix("'\(text.replacing("\n", with: "\\n"))' stands where the reply should begin"))
    }
    let behind = try #require(problem(reply + Array("done\n".utf8)))
    #expect(behind.isPrinted && behind.detail.hasPrefix("5 bytes stand behind the reply's 10: 'done\\n'"))
    let alone = try #require(problem(Array("Loading the model".utf8)))
    #expect(alone.isPrinted && alone.detail.hasPrefix("'Loading the model' stands where the reply should begin"))
    // Nothing that comes unasked is a reply, be it one.
    for (bytes, isPrinted) in [(Array("done\n".utf8), true), (reply, false)] {
      var frame = EngineFrame(greatest: 1 << 10)
      #expect(frame.unasked { "ended" } == nil)
      frame.append(bytes)
      let failure = try #require(frame.unasked { "ended" })
      #expect(failure.kind == .rubbish && failure.isPrinted == isPrinted)
      #expect(failure.detail.contains(" stands before the request was sent"))
    }
    // What came with its control characters is one line, whoever wrote it.
    let names = Array("{\"y\":{\"dtype\":\"F32\",\"sh\u{7f}\u{85}ape\":[1]}}".utf8)
    let asked = try CheckedCase(try CaseLine.parse("silu x=[1x1]:0x1p+0"))
    let unknown = #expect(throws: EngineFailure.self) { try EngineMessage.output(EngineFrame.framed(names), to: asked) }
    #expect(unknown?.detail.hasSuffix("unknown field 'sh\\u{7f}\\u{85}ape'") == true, "\(unknown?.detail ?? "")")
    // A length that is written the wrong way round is no text.
    let reversed = try #require(problem([0, 0, 0, 0, 0, 0, 0, 10] + reply))
    #expect(!reversed.isPrinted && reversed.detail.contains("00 00 00 00 00 00 00 0a"))
  }
}
