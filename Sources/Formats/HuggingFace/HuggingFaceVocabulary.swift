/// The vocabulary of a `tokenizer.json`, read byte by byte: a dictionary of strings would hold two spellings of one character
/// as one, which are two tokens.
enum HuggingFaceVocabulary {
  /// The number of each text in `model.vocab`, an object.
  ///
  /// - Throws: `ModelError` where it is none, or there is none.
  static func numbers(_ bytes: [UInt8], file: String) throws(ModelError) -> [[UInt8]: Int] {
    var numbers: [[UInt8]: Int] = [:]
    try read(bytes, file: file) { scanner throws(ModelError) in
      try scanner.object { scanner, text, _ throws(ModelError) in
        scanner.skipSpace()
        numbers[Array(text.utf8)] = try scanner.integer()
      }
    }
    return numbers
  }

  /// The text and the score of each piece in `model.vocab`, an array of pairs.
  ///
  /// - Throws: `ModelError` where it is none, or there is none.
  static func pieces(_ bytes: [UInt8], file: String) throws(ModelError) -> [(bytes: [UInt8], score: Double)] {
    var pieces: [(bytes: [UInt8], score: Double)] = []
    try read(bytes, file: file) { scanner throws(ModelError) in
      try scanner.list("[", "]") { scanner throws(ModelError) in
        var piece: (text: String?, score: Double?) = (nil, nil)
        try scanner.list("[", "]") { scanner throws(ModelError) in
          if piece.text == nil {
            piece.text = try scanner.string()
          } else {
            let start = scanner.place
            try scanner.skipValue()
            piece.score = Double(
              String(decoding: bytes[start..<scanner.place], as: UTF8.self).filter { !$0.isWhitespace })
          }
        }
        guard let text = piece.text, let score = piece.score, score.isFinite else {
          throw scanner.fault("a piece has no text or no score")
        }
        pieces.append((Array(text.utf8), score))
      }
    }
    return pieces
  }

  /// Reads `model.vocab` by `body`.
  private static func read(
    _ bytes: [UInt8], file: String, _ body: (inout JSONScanner) throws(ModelError) -> Void
  ) throws(ModelError) {
    var scanner = JSONScanner(bytes, file: file, start: 0)
    try scanner.object { scanner, key, _ throws(ModelError) in
      guard key == "model" else { return try scanner.skipValue() }
      try scanner.object { scanner, key, _ throws(ModelError) in
        if key == "vocab" { try body(&scanner) } else { try scanner.skipValue() }
      }
    }
  }
}
