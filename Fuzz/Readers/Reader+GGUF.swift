import PlumbFormats
import PlumbModel

/// Any bytes give a model or an error; what is given keeps its promises.
func readGGUF(_ bytes: [UInt8]) throws(BrokenPromise) -> Bool {
  guard let file = try answer({ try GGUFFile(bytes: WeightArray(bytes), file: "input") }) else { return false }
  // Each on its own: a fault in the one must not hide the other.
  if let transformer = try answer({ try file.transformer() }) {
    try expect(transformer.shapeErrors.isEmpty, "shapes disagree")
    _ = try answer { try LoadedModel(file) }
  }
  if let tokenizer = try answer({ try file.tokenizer() }) { try check(tokenizer) }
  return true
}

/// Holds what every tokenizer promises.
func check(_ tokenizer: TextTokenizer) throws(BrokenPromise) {
  for parseSpecial in [false, true] {
    let tokens = try answer { try tokenizer.encode("é <|e|>'s 123\n", parseSpecial: parseSpecial) }
    guard let tokens else { continue }
    try expect(tokens.allSatisfy { (0..<tokenizer.vocabularySize).contains($0) }, "a token is outside the vocabulary")
    _ = tokenizer.text(of: tokens)
  }
}
