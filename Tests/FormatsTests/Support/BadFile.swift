import Testing

/// A file that is wrong in one place, and what the error must say about it.
struct BadFile: Sendable, CustomTestStringConvertible {
  let what: String
  let bytes: [UInt8]
  let expected: [String]

  init(_ what: String, _ bytes: [UInt8], says expected: String...) {
    self.what = what
    self.bytes = bytes
    self.expected = expected
  }

  var testDescription: String { what }

  /// Expects `error` to be one line that has all the expected words in it, and names the file.
  func expectSaid(by error: Any, sourceLocation: SourceLocation = #_sourceLocation) {
    let text = "\(error)"
    for words in expected + ["test.gguf"] {
      #expect(text.contains(words), "\(text)", sourceLocation: sourceLocation)
    }
    #expect(!text.contains { $0.isNewline }, sourceLocation: sourceLocation)
  }
}
