import PlumbCases
import PlumbFormats
import PlumbFuzzing
import PlumbModel
import PlumbVerdicts

/// Any bytes on the pipe from an engine give its output or an error, and on the pipe to one a case or an error; frames that
/// arrive in pieces are the frames.
///
/// The first byte chooses the direction and the length of the pieces.
func readEngine(_ bytes: [UInt8]) throws(BrokenPromise) -> Bool {
  guard let choice = bytes.first else { return false }
  let stream = Array(bytes.dropFirst())
  if choice & 1 == 0 {
    return try readReply(stream, piece: [1, 7, 64, 4096][Int(choice >> 1) % 4])
  } else {
    return try readRequests(stream, piece: [1, 7, 64, 4096][Int(choice >> 1) % 4])
  }
}

private let asked: CheckedCase? = try? CheckedCase(try CaseLine.parse("silu x=[1x2]:0x1p+0,-0x1p+0"))

private func readReply(_ stream: [UInt8], piece: Int) throws(BrokenPromise) -> Bool {
  guard let asked else { throw BrokenPromise("the case that is asked for is none") }
  let greatest = EngineMessage.greatestReply(to: asked)
  var frame = EngineFrame(greatest: greatest)
  var reply: [UInt8]?
  _ = try answer {
    for start in stride(from: 0, to: stream.count, by: piece) where reply == nil {
      frame.append(stream[start..<min(start + piece, stream.count)])
      reply = try frame.reply { "is still running" }
    }
  }
  if let failure = frame.unasked(describing: { "is still running" }) { try expectOneLine(failure) }
  guard let reply else { return false }
  try expect(reply.count <= greatest, "a reply is longer than any")
  try expect(stream.starts(with: EngineFrame.framed(reply)), "a reply is not what came")
  guard let output = try answer({ try EngineMessage.output(reply, to: asked) }) else { return false }
  try expect(output.shape == asked.outputShape, "an output has the shape \(output.shape)")
  return true
}

private func readRequests(_ stream: [UInt8], piece: Int) throws(BrokenPromise) -> Bool {
  var rest = stream[...]
  var framed: [UInt8] = []
  var cases = 0
  _ = try answer {
    try EngineServer.serve(
      read: { count in
        let next = rest.prefix(min(count, piece))
        rest = rest.dropFirst(next.count)
        return Array(next)
      }, write: { framed += $0 }
    ) { request in
      let whole = try answer {
        try CheckedCase(try LayerCase(SafeTensors(bytes: WeightArray(request), file: "input"), name: "input"))
      }
      if whole != nil { cases += 1 }
      return request
    }
  }
  // What is answered by itself is what came, but for a last frame that is cut off.
  try expect(stream.starts(with: framed), "requests are not what came")
  return cases > 0
}
