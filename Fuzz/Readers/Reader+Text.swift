import PlumbFormats

/// Any text is its tokens' bytes again, under every pre-tokenizer, in one piece or streamed.
///
/// The first byte chooses the pre-tokenizer and whether control tokens are parsed; the others are the text.
func readText(_ bytes: [UInt8]) throws(BrokenPromise) -> Bool {
  guard let choice = bytes.first else { return false }
  let tokenizer = tokenizers[Int(choice >> 1) % tokenizers.count]
  let text = String(decoding: bytes.dropFirst(), as: UTF8.self)
  guard let tokens = try answer({ try tokenizer.encode(text, parseSpecial: choice & 1 == 1) }) else {
    throw BrokenPromise("every byte has a token, and yet there was an error")
  }
  try expect(tokenizer.bytes(of: tokens) == Array(text.utf8), "the tokens' bytes are not the text's")
  try checkStream(Array(bytes.dropFirst()), step: Int(choice) % 5 + 1)
  return true
}

private func checkStream(_ bytes: [UInt8], step: Int) throws(BrokenPromise) {
  var stream = UTF8Stream()
  var text = ""
  for start in stride(from: 0, to: bytes.count, by: step) {
    text.unicodeScalars += stream.append(Array(bytes[start..<min(start + step, bytes.count)])).unicodeScalars
  }
  text.unicodeScalars += stream.finish().unicodeScalars
  try expect(
    Array(text.utf8) == Array(String(decoding: bytes, as: UTF8.self).utf8), "a stream of pieces is not the whole")
}

private let tokenizers: [BPETokenizer] = PreTokenizer.names.compactMap { name in
  let words = ["th", "the", "Ġthe", "ll", "'ll", "12", "123", "ĠĠ", "ĠĠĠĠ", "Ċ", "ĊĊ", "aa", "aaa", "aaaa", "Ã©"]
  let merges = [
    "t h", "th e", "Ġ the", "l l", "' ll", "1 2", "12 3", "Ġ Ġ", "ĠĠ ĠĠ", "Ċ Ċ", "a a", "a aa", "aa a", "aa aa", "Ã ©",
  ]
  let special = ["<|a|>", "<|a|>b", "<|a", "aaaaa"]
  let tokens = ByteAlphabet.scalars.map { String($0) } + words.filter { $0 != "Ċ" } + special
  let types = tokens.map { $0.hasPrefix("<|") ? 3 : $0 == "aaaaa" ? 4 : 1 }
  do {
    guard let preTokenizer = PreTokenizer.named(name) else { return nil }
    let vocabulary = try BPEVocabulary(tokens: tokens, types: types, merges: merges, file: "fuzz")
    return BPETokenizer(
      vocabulary: vocabulary, preTokenizer: preTokenizer, takesWholePieces: false, frame: .init(), endOfText: [])
  } catch { preconditionFailure("\(error)") }
}
