import PlumbFormats
import PlumbModel

/// Any bytes as a JSON file of a folder give what is wanted of it or an error.
///
/// The first byte chooses the file; `tokenizer_config.json` may stand behind `tokenizer.json`, with a zero between them, and weights
/// behind `config.json`.
func readHuggingFace(_ bytes: [UInt8]) throws(BrokenPromise) -> Bool {
  guard let choice = bytes.first else { return false }
  let file = Array(bytes.dropFirst())
  switch choice {
  case UInt8(ascii: "c"): return try answer({ try HuggingFaceConfiguration(file, file: "config.json") }) != nil
  case UInt8(ascii: "w"):
    let parts = file.split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false).map(Array.init)
    guard let rest = parts.dropFirst().first else { return false }
    let made = try answer { () throws(ModelError) in
      try HuggingFaceConfiguration(parts[0], file: "config.json")
        .matrices(of: SafeTensors(bytes: WeightArray(rest), file: "weights"), called: "weights")
    }
    for tensor in made ?? [] {
      try expect(tensor.firstNonFiniteElement() == nil, "a number of \(tensor.name) is not finite")
    }
    return made != nil
  case UInt8(ascii: "i"):
    guard let index = try answer({ try HuggingFaceIndex(file, file: "index.json") }) else { return false }
    try expect(index.parts.keys.allSatisfy { !$0.isEmpty && !$0.contains("/") }, "a part lies elsewhere")
    return true
  default:
    let parts = file.split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false).map(Array.init)
    let tokenizer = try answer {
      try HuggingFaceTokenizer(parts[0], file: "tokenizer.json", configuration: parts.dropFirst().first, "beside.json")
        .tokenizer(vocabularySize: 12, endOfText: [3])
    }
    if let tokenizer { try check(tokenizer) }
    return tokenizer != nil
  }
}
