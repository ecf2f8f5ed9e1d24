/// The bytes of one reply as they arrive: a length in 64 bits, little-endian, and as many bytes.
package struct EngineFrame {
  private var received: [UInt8] = []
  /// The most bytes that a sound reply has.
  private let greatest: Int

  package init(greatest: Int) { self.greatest = greatest }

  /// The frame of `bytes`.
  package static func framed(_ bytes: [UInt8]) -> [UInt8] {
    stride(from: 0, to: 64, by: 8).map { UInt8(truncatingIfNeeded: bytes.count >> $0) } + bytes
  }

  package mutating func append(_ bytes: some Collection<UInt8>) { received += bytes }

  /// The fault where something has arrived before anything was asked; `nil` where nothing has.
  package func unasked(describing ending: () -> String) -> EngineFailure? {
    guard !received.isEmpty else { return nil }
    let found = "\(EngineFailure.quoted(received)) stands before the request was sent"
    if EngineFailure.isText(received) { return printed(found, ending) }
    return EngineFailure(
      .rubbish, "\(found), \(received.count) bytes: a request has one reply; the process \(ending())")
  }

  /// The bytes that have arrived, for people, behind a comma; empty where none have.
  package var arrived: String {
    if received.isEmpty { return "" }
    guard received.count >= 8 else { return ", after \(EngineFailure.quoted(received))" }
    return ", after \(received.count - 8) of the \(length(at: 0)) bytes of a reply that begins with "
      + EngineFailure.quoted(received.dropFirst(8))
  }

  /// The whole reply, `nil` where it goes on.
  ///
  /// - Throws: `EngineFailure` for what cannot become a reply, with how the process is doing, which `ending` says.
  package func reply(describing ending: () -> String) throws(EngineFailure) -> [UInt8]? {
    guard received.count >= 8 else { return nil }
    let length = length(at: 0)
    if let whole = Int(exactly: length), received.count - 8 == whole { return Array(received.dropFirst(8)) }
    // Text, then a whole frame: a reply is never taken for that, since among its first bytes are those of a length.
    if let end = (1...64).first(where: endsFrame), end <= EngineFailure.text(received).utf8.count {
      throw printed("\(EngineFailure.quoted(received.prefix(end))) stands where the reply should begin", ending)
    }
    guard length <= UInt64(greatest) else {
      // Whether the reply has arrived behind a text, too, must not change what is said.
      if EngineFailure.isText(received) {
        throw printed("\(EngineFailure.quoted(received)) stands where the reply should begin", ending)
      }
      throw EngineFailure(
        .rubbish,
        "the reply begins with \(EngineFailure.quoted(received)), which as a length is \(length) bytes, more than any reply "
          + "to this request has; the process \(ending())")
    }
    let more = received.dropFirst(8).dropFirst(Int(length))
    guard more.isEmpty else {
      let found = "\(more.count) bytes stand behind the reply's \(length): \(EngineFailure.quoted(more))"
      if EngineFailure.isText(more) { throw printed(found, ending) }
      throw EngineFailure(.rubbish, "\(found); the process \(ending())")
    }
    return nil
  }

  private func printed(_ found: String, _ ending: () -> String) -> EngineFailure {
    EngineFailure(
      .rubbish,
      "\(found): only replies belong on the standard output, print to the standard error stream; the process \(ending())",
      isPrinted: true)
  }

  /// Whether a frame that begins at `place` ends where the bytes do.
  private func endsFrame(at place: Int) -> Bool {
    received.count - place >= 8 && length(at: place) == UInt64(received.count - place - 8)
  }

  private func length(at place: Int) -> UInt64 { Self.length(received[place..<place + 8]) }

  /// The length that eight bytes write.
  static func length(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) } }
}
