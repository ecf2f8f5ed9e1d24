/// The bytes of one input.
public func input(_ start: UnsafePointer<UInt8>?, _ count: Int) -> [UInt8] {
  // Sound: libFuzzer lends `count` bytes from `start` on for the length of the test.
  unsafe Array(UnsafeBufferPointer(start: start, count: count))
}

/// Errors are for people: one line, saying something.
public func check(_ error: any Error) {
  let text = "\(error)"
  precondition(!text.isEmpty && !text.unicodeScalars.contains { $0.properties.generalCategory == .control }, text)
}
