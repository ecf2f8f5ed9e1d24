import Testing

@testable import PlumbFuzzing

/// Requests as an engine reads them from its pipe.
@Suite struct EngineServerTests {
  /// The answers where `stream` arrives in pieces of at most `piece` bytes, and the most that was asked for at a time.
  private static func served(_ stream: [UInt8], piece: Int) throws -> (replies: [UInt8], greatest: Int) {
    var rest = stream[...]
    var (replies, greatest) = ([UInt8](), 0)
    try EngineServer.serve(
      read: { count in
        greatest = max(greatest, count)
        let next = rest.prefix(min(count, piece))
        rest = rest.dropFirst(next.count)
        return Array(next)
      }, write: { replies += $0 }
    ) { $0.reversed() }
    return (replies, greatest)
  }

  @Test(arguments: [1, 3, 8, 1000]) func everyRequestHasAReply(piece: Int) throws {
    let requests: [[UInt8]] = [[1, 2, 3], [], Array(repeating: 7, count: 300)]
    let stream = requests.flatMap { EngineFrame.framed($0) }
    #expect(try Self.served(stream, piece: piece).replies == requests.flatMap { EngineFrame.framed($0.reversed()) })
    // The last is not whole.
    #expect(
      try Self.served(stream.dropLast(), piece: piece).replies
        == requests.dropLast().flatMap { EngineFrame.framed($0.reversed()) })
  }

  /// A length is no reason to make room: lengths of 2⁶³ and −1 end the stream, others are believed as bytes arrive.
  @Test(arguments: [UInt64(1) << 40, 1 << 62, 1 << 63, .max]) func aLengthIsNotBelieved(length: UInt64) throws {
    let head = (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) }
    let served = try Self.served(head + [1, 2, 3], piece: 100)
    #expect(served.replies.isEmpty && served.greatest <= 1 << 20)
  }
}
